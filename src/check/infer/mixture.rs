//! Adaptive codes: how probable a sequence is under a model that learns as it goes. All in bits:
//! the logarithm of base 2 of a probability, so that evidence adds up.

/// Learns how often each of a few classes comes (Dirichlet with concentration 1).
#[derive(Clone, Debug)]
pub(super) struct Classes<const N: usize> {
    counts: [f64; N],
    total: f64,
    base: f64,
}

impl<const N: usize> Classes<N> {
    /// `used` of the N classes can come.
    pub fn new(used: usize) -> Self {
        Self { counts: [0.0; N], total: 0.0, base: 1.0 / used.max(1) as f64 }
    }

    /// The probability of a class, which is then learned.
    pub fn take(&mut self, class: usize) -> f64 {
        let Some(count) = self.counts.get_mut(class) else { return f64::MIN_POSITIVE };
        let bits = ((*count + self.base) / (self.total + 1.0)).log2();
        *count += 1.0;
        self.total += 1.0;
        bits
    }
}

/// The logarithm of a sum of probabilities, each with its weight.
pub(super) fn mixture(parts: &[(f64, f64)]) -> f64 {
    let terms = || parts.iter().filter(|it| it.0 > 0.0).map(|(weight, bits)| weight.log2() + bits);
    let best = terms().fold(f64::NEG_INFINITY, f64::max);
    if best == f64::NEG_INFINITY {
        return best;
    }
    best + terms().map(|it| (it - best).exp2()).sum::<f64>().log2()
}

/// A probability, bits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bits {
    /// As the models have it; what layouts are compared by.
    pub plain: f64,
    /// No model is quite true: the more values, the less each of them counts. What orders are
    /// compared by.
    pub cautious: f64,
}

impl Bits {
    /// Both are so: what is independent adds up.
    pub fn add(&mut self, other: Self) {
        self.plain += other.plain;
        self.cautious += other.cautious;
    }
}

/// Values that count fully. Of more, evidence grows with the root of their number: values of one
/// field are alike, and a model that is a little wrong would be sure of it soon. Half loses 10 of
/// 4,726 cases told, twice as many changes nothing.
const FULL: f64 = 12.0;

/// What each of so many values counts.
pub(super) fn temper(values: usize) -> f64 {
    (FULL / values.max(1) as f64).sqrt().min(1.0)
}
