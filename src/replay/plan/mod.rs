//! What is played: a capture as conversations of steps and a schedule of datagrams, whose payload
//! stays in files.

mod conversation_id;
mod cuts;
pub(super) mod datagrams;
mod idle;
mod leaving_out;
mod limit;
mod payload;
#[expect(
    clippy::module_inception,
    reason = "the type has the name of the folder, and a file of its own"
)]
mod plan;
mod preflight;
mod schedule;
pub(super) mod script;

pub use conversation_id::ConversationId;
pub use cuts::MAX_CUTS;
pub use datagrams::MAX_CONVERSATIONS;
pub use idle::Clocked;
pub use limit::{Kind, Limit, Limits};
pub use payload::{Payloads, READ_AHEAD, Span, Window};
pub use plan::{Action, Conversation, Plan, Step};
pub use preflight::{Preflight, Traffic};
pub use schedule::{Datagram, Entries, Schedule};
pub use script::MAX_PARTS;
