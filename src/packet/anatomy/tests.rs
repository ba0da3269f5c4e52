//! Regions and checksums of frames of every kind.
