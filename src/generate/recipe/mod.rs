//! What messages hold: values by field, as a user writes them and as a file says them.
