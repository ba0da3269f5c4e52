//! How much the time between messages changes on their way: RFC 3550 sections 6.4.1 and A.8.

/// The interarrival jitter of one sender.
#[derive(Clone, Copy, Debug, Default)]
pub struct Jitter {
    /// From sending to arrival, of the message before; nanoseconds. Clocks that are apart do not
    /// matter, since only differences count.
    transit: Option<i64>,
    nanos: f64,
}

impl Jitter {
    /// Takes the next message, in the order of arrival: nanoseconds from sending to arrival.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub fn push(&mut self, transit: i64) {
        if let Some(last) = self.transit.replace(transit) {
            let difference = transit.saturating_sub(last).unsigned_abs() as f64;
            self.nanos += (difference - self.nanos) / 16.0;
        }
    }

    /// The estimate after the latest message, nanoseconds; `None` before two have come.
    pub fn nanos(&self) -> Option<f64> {
        (self.nanos > 0.0 || self.transit.is_some()).then_some(self.nanos)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_is_that_of_the_rfc() {
        let mut jitter = Jitter::default();
        assert_eq!(jitter.nanos(), None);
        [5000, 5000, 6600, 5000].into_iter().for_each(|it| jitter.push(it));
        // 0, then 1600 / 16, then 100 + (1600 - 100) / 16.
        assert_eq!(jitter.nanos(), Some(193.75));
        let mut apart = Jitter::default();
        [5000_i64, 5000, 6600, 5000].into_iter().for_each(|it| apart.push(it - 1_000_000));
        assert_eq!(apart.nanos(), jitter.nanos());
        // What goes on changing by as much comes near to that.
        (0..1000).for_each(|it| jitter.push(it % 2 * 800));
        assert!((jitter.nanos().unwrap() - 800.0).abs() < 1.0);
    }
}
