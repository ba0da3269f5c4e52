//! What arrives, and what it comes to, by sender.
