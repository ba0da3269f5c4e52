//! The evidence weighed: how probable each layout is, and for each field that it arrives in the
//! other order.
//!
//! A sender has an order of its own, the declared one or the other; a field follows it, or seldom
//! does not. Messages that are alike count once, and a value counts once in its field.

use super::{
    evidence::{Evidence, Fit, Orders, fit},
    layouts::Candidate,
    mixture::{Bits, mixture},
    sample::Sample,
    way::Way,
};

/// Shares of its fields that a sender has in the other order, with their probabilities: most senders are right, or
/// forgot a field among ten; some swap nothing.
const RATES: [(f64, f64); 5] = [(0.01, 0.12), (0.1, 0.52), (0.5, 0.03), (0.9, 0.05), (0.99, 0.28)];
/// The most that a single value of a single field can say: below what makes an error, whatever the
/// value. Without the bound 21 more of 4,726 cases are told.
const MAX_ALONE: f64 = 0.9;
/// What the content of messages counts between layouts whose lengths are the same: the models are
/// made to compare orders, and know little of values that are cut in two. Half loses 21 of 4,726
/// cases told, twice as much tells 25 more (data models: 85% and 88% in place of 86%).
const CONTENT: f64 = 0.3;
/// Distinct messages whose content counts as much; more add nothing, since messages of one sender
/// are alike. Half loses 11 of 4,726 cases told, twice as many tell 11 more.
const CONTENT_FULL: f64 = 4.0;
/// That a sender's struct is another version than the header's, beside the layouts that compilers make of this one.
const DRIFT: f64 = 0.002;
/// The same where one of these has the very length.
const DRIFT_BESIDE: f64 = 0.0005;
/// The same where the holes of each of these are not zero: few compilers leave dirt in them, and it may be data.
const DRIFT_BESIDE_DIRT: f64 = 0.003;
/// What the content of messages counts between versions of a struct: each puts the same bytes into other fields.
const PLACE: f64 = 0.3;
/// Evidence of its own that a field needs, bits, so that the company of swapped fields alone accuses none.
const MIN_OWN: f64 = 2.0;
/// Fields that are surely in the other order, where none surely is not, from which on a field needs no evidence of its
/// own; only none against it. Who swaps nothing swaps nothing.
const COMPANY: usize = 2;
const MIN_OWN_IN_COMPANY: f64 = 0.0;
/// From how many bits on a field is sure by itself.
const SURE_OWN: f64 = 4.0;

/// What the messages of a sender make of all hypotheses.
#[derive(Clone, Debug)]
pub(super) struct Posterior {
    /// Of each layout.
    pub layouts: Vec<f64>,
    /// The most probable of them.
    pub winner: usize,
    /// Of each field: that it does not arrive as declared.
    pub wrong: Vec<Wrong>,
    /// Of each field: what its own values tell of its order.
    pub own: Vec<Own>,
}

/// How probable it is of a field that it arrives in each way but the declared one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wrong([f64; Way::ALL.len()]);

impl Wrong {
    /// The most probable way.
    pub fn way(self) -> Way {
        let each = Way::ALL.into_iter().zip(self.0);
        each.max_by(|a, b| a.1.total_cmp(&b.1)).map_or(Way::Other, |it| it.0)
    }

    /// That it arrives so.
    pub fn of(self, way: Way) -> f64 {
        Way::ALL.into_iter().zip(self.0).find(|it| it.0 == way).map_or(0.0, |it| it.1)
    }

    /// That it does not arrive as declared, whichever way it does.
    pub fn share(self) -> f64 {
        self.0.iter().sum::<f64>().min(1.0)
    }

    fn add(&mut self, share: f64, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(total, one)| *total += share * one);
    }

    /// No more than so much in all.
    fn at_most(self, most: f64) -> Self {
        let times = (most / self.share().max(f64::MIN_POSITIVE)).min(1.0);
        Self(self.0.map(|it| it * times))
    }
}

/// What the values of a field tell of its order by themselves: bits for the other one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Own {
    bits: f64,
    /// From which on they accuse.
    least: f64,
}

impl Own {
    /// Enough to say that it is in the other order.
    pub fn tells_other(self) -> bool {
        self.bits >= self.least
    }

    /// Enough to say that it is in the declared order.
    pub fn tells_declared(self) -> bool {
        self.bits <= -MIN_OWN
    }
}

impl Posterior {
    pub fn of(candidates: &[&Candidate], sample: &Sample) -> Self {
        let evidence: Vec<_> = candidates.iter().map(|it| Evidence::of(it, sample)).collect();
        let trust = CONTENT * (CONTENT_FULL / sample.iter().count().max(1) as f64).min(1.0);
        let contents = evidence.iter().map(|it| {
            let orders = mixture(&general(&it.orders, |it| it.plain));
            it.content + orders
        });
        let contents: Vec<_> = contents.collect();
        let family = family(candidates, &contents, sample);
        let weighed = candidates.iter().zip(&evidence).zip(&contents);
        let weighed = weighed.map(|((candidate, evidence), content)| {
            let own = candidate.prior.log2() + evidence.lengths + evidence.signs;
            match is_version(candidate) {
                true => own + family.prior + trust * family.bits + family.share(*content),
                false => own + trust * content,
            }
        });
        let layouts = normalised(&weighed.collect::<Vec<_>>());
        let likeliest = best(&layouts);
        // Where no length fits any layout, content alone would choose one: that is too little to say
        // that the struct lies otherwise than declared, or which order its fields have.
        let is_known = candidates.iter().any(|it| fits(it, sample));
        let is_none = |it: &&Candidate| it.drift.is_some() && !is_version(it);
        let is_known = is_known && !candidates.get(likeliest).is_some_and(is_none);
        let winner = if is_known { likeliest } else { 0 };
        let fields = candidates.first().map_or(0, |it| it.slots.rules.len());
        let mut wrong = vec![Wrong::default(); fields];
        for (share, evidence) in layouts.iter().zip(&evidence) {
            let each = wrong.iter_mut().zip(other_ways(&evidence.orders));
            each.for_each(|(total, one)| total.add(*share, one));
        }
        if winner != likeliest {
            wrong.fill(Wrong::default());
        }
        let orders = evidence.get(winner).map(|it| it.orders.as_slice()).unwrap_or_default();
        let is_alone = orders.iter().map(|it| it.telling).sum::<usize>() <= 1;
        if is_alone {
            wrong.iter_mut().for_each(|it| *it = it.at_most(MAX_ALONE));
        }
        let own = orders.iter().zip(&wrong).map(|(orders, wrong)| {
            let bits = orders.of(wrong.way()).unwrap_or(orders.other);
            Own { bits: bits.cautious - orders.declared.cautious, least: MIN_OWN }
        });
        let own: Vec<_> = own.collect();
        let surely = |is: &dyn Fn(f64) -> bool| own.iter().filter(|it| is(it.bits)).count();
        let is_one_way =
            surely(&|it| it >= SURE_OWN) >= COMPANY && surely(&|it| it <= -SURE_OWN) == 0;
        let least = if is_one_way { MIN_OWN_IN_COMPANY } else { MIN_OWN };
        let own = own.iter().map(|it| Own { least, ..*it }).collect();
        Self { layouts, winner, wrong, own }
    }
}

/// The other versions of a struct, which are many: weighed against all else as one, and against each other by
/// what they say.
struct Family {
    /// That the sender's struct is one of them.
    prior: f64,
    /// What the content of messages says for them.
    bits: f64,
    all: f64,
}

impl Family {
    /// The logarithm of the probability that it is this one of them.
    fn share(&self, content: f64) -> f64 {
        PLACE * content - self.all
    }
}

fn family(candidates: &[&Candidate], contents: &[f64], sample: &Sample) -> Family {
    let versions = || candidates.iter().zip(contents).filter(|it| is_version(it.0));
    let of = |times: f64| {
        let each = versions().map(|(it, content)| (it.prior, times * content));
        mixture(&each.collect::<Vec<_>>())
    };
    let total: f64 = versions().map(|it| it.0.prior).sum();
    let compiled = |version: &Candidate| {
        let size = version.size;
        candidates.iter().filter(move |it| it.drift.is_none() && it.size == size)
    };
    let beside = || versions().next().into_iter().flat_map(|it| compiled(it.0));
    let prior = match (beside().next(), beside().all(|it| is_dirty(it, sample))) {
        (None, _) => DRIFT,
        (Some(_), true) => DRIFT_BESIDE_DIRT,
        (Some(_), false) => DRIFT_BESIDE,
    };
    Family {
        prior: (prior * total.clamp(f64::MIN_POSITIVE, 1.0)).log2(),
        bits: of(1.0) - total.max(f64::MIN_POSITIVE).log2(),
        all: of(PLACE),
    }
}

/// Whether a hole of a layout has bytes that are not zero.
fn is_dirty(candidate: &Candidate, sample: &Sample) -> bool {
    candidate.holes.iter().any(|hole| {
        let (start, end) = (hole.offset as usize, (hole.offset + hole.len) as usize);
        let mut bytes = sample.iter().filter_map(|it| it.bytes.get(start..end));
        bytes.any(|it| it.iter().any(|it| *it != 0))
    })
}

fn is_version(candidate: &Candidate) -> bool {
    candidate.drift.is_some_and(|it| it.is_version())
}

/// Whether the fields in front of a tail, or all of them, end where a message does.
fn fits(candidate: &Candidate, sample: &Sample) -> bool {
    sample.iter().any(|seen| match fit(candidate, &seen) {
        Fit::Exact | Fit::Partial | Fit::Padded | Fit::Unterminated => true,
        Fit::Longer(_) => candidate.slots.tail.is_some(),
        Fit::Shorter(_) => false,
    })
}

/// The shares of its fields that a sender may have in the other order, with their probabilities.
fn general(orders: &[Orders], of: impl Fn(Bits) -> f64) -> [(f64, f64); RATES.len()] {
    let told = || orders.iter().filter(|it| it.telling > 0 || of(it.declared) != 0.0);
    RATES.map(|(rate, prior)| {
        let bits = told().map(|it| {
            let usual = 1.0 - it.rarity();
            let both = [(usual * (1.0 - rate), of(it.declared)), (usual * rate, of(it.other))];
            let rare = it.rare.iter().map(|(_, probability, bits)| (*probability, of(*bits)));
            mixture(&both.into_iter().chain(rare).collect::<Vec<_>>())
        });
        (prior, bits.sum())
    })
}

/// Of each field: the probability of each way in which it does not arrive as declared, given the layout.
fn other_ways(orders: &[Orders]) -> impl Iterator<Item = Wrong> {
    let senders = general(orders, |it| it.cautious).map(|it| it.0.log2() + it.1);
    let senders = normalised(&senders);
    orders.iter().map(move |orders| {
        let mut wrong = Wrong::default();
        if orders.telling == 0 {
            return wrong;
        }
        let usual = 1.0 - orders.rarity();
        for ((rate, _), sender) in RATES.iter().zip(&senders) {
            let declared = (usual * (1.0 - rate)).log2() + orders.declared.cautious;
            let bits = Way::ALL.map(|way| match orders.rare.iter().find(|it| it.0 == way) {
                Some((_, probability, bits)) => probability.log2() + bits.cautious,
                None if way == Way::Other => (usual * rate).log2() + orders.other.cautious,
                None => f64::NEG_INFINITY,
            });
            let all = mixture(
                &bits.into_iter().chain([declared]).map(|it| (1.0, it)).collect::<Vec<_>>(),
            );
            wrong.add(*sender, Wrong(bits.map(|it| (it - all).exp2())));
        }
        wrong
    })
}

/// Probabilities that add up to 1.
fn normalised(bits: &[f64]) -> Vec<f64> {
    let top = bits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = bits.iter().map(|it| (it - top).exp2()).sum();
    bits.iter().map(|it| (it - top).exp2() / total).collect()
}

fn best(shares: &[f64]) -> usize {
    let better = |a: &(usize, &f64), b: &(usize, &f64)| a.1.total_cmp(b.1).then(b.0.cmp(&a.0));
    shares.iter().enumerate().max_by(better).map_or(0, |it| it.0)
}
