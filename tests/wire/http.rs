//! HTTP/1.1 conversations with the bodies that they carry.
