//! Why nothing arrives: what the host's own state and the link say.
