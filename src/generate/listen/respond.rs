//! What is answered to each datagram.

use crate::capture::Timestamp;
use crate::generate::GenerateError;
use crate::generate::recipe::Maker;

/// What is answered to each datagram.
pub enum Respond {
    /// Its own bytes.
    Echo,
    /// The next message of a recipe.
    Message(Box<Maker>),
}

/// Makes answers.
pub(super) struct Responder {
    respond: Respond,
    answer: Vec<u8>,
}

impl Responder {
    pub fn new(respond: Respond) -> Self {
        Self { respond, answer: Vec::new() }
    }

    /// The answer to a datagram; `None` where the recipe has no more.
    ///
    /// # Errors
    ///
    /// As [`Maker::next`].
    pub fn answer<'a>(
        &'a mut self,
        to: &'a [u8],
        now: Timestamp,
    ) -> Result<Option<&'a [u8]>, GenerateError> {
        let Self { respond, answer } = self;
        match respond {
            Respond::Echo => Ok(Some(to)),
            Respond::Message(maker) => {
                answer.clear();
                Ok(maker.next(now, answer)?.map(|_| &**answer))
            }
        }
    }
}
