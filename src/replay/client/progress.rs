//! Who is told how far a run has come.

/// Is told, from any thread, how many more datagrams were sent or conversations have ended.
pub type Progress<'a> = dyn Fn(u64) + Sync + 'a;
