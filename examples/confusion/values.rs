//! Where the values of fields come from.

/// When the messages are sent, seconds since 1970.
pub const NOW: i64 = 1_760_000_000;

#[path = "../../tests/generator/random.rs"]
#[expect(dead_code, reason = "the tests draw by percent and from lists")]
mod random;

/// Random numbers, the same on every machine, and how they may be spread.
pub struct Random(random::Random);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(random::Random::new(seed))
    }

    pub fn next(&mut self) -> u64 {
        self.0.next()
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// From 0 to 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// About normal, deviation 1.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

macro_rules! distributions {
    ($($name:ident $text:literal),* $(,)?) => {
        /// How the values of a field are spread.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Distribution { $($name),* }

        impl Distribution {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

distributions! {
    Uniform "uniform",
    Small "small, 0 to 200",
    LogUniform "log-uniform",
    Counter "counters",
    Flags "flags",
    Time "times",
    Mixed "each field another",
    // Not looked at when the models were first made.
    Geometric "geometric (held out)",
    Mixture "mixture of small and uniform (held out)",
    Sensor "sensor noise around a mean (held out)",
    Negative "small, either sign (held out)",
    Ids "ids with constant high bytes (held out)",
    PowersOfTwo "powers of two (held out)",
    Bitmask "sparse bitmasks (held out)",
    Zipf "Zipf (held out)",
    Money "multiples of 100 (held out)",
    Fixed "fixed point, 8 fraction bits (held out)",
    TwoValues "two random values (held out)",
    HighFlags "flags, two random bits (held out)",
    Addresses "IPv4 addresses of a network (held out)",
    Pages "multiples of 4096 (held out)",
    // Added when all constants stood, and not looked at since.
    Walk "random walk (last)",
    Dates "dates as decimal numbers (last)",
    Ports "port numbers (last)",
    Bimodal "two normal peaks (last)",
    // Words made of parts, that look like numbers in the other order.
    Colours "colours, alpha behind (parts)",
    Steps "steps of 256 (parts)",
    RoundSteps "steps of a power of two (parts)",
    AboveConstant "a number above a constant byte (parts)",
    Versions "versions, a byte each (parts)",
    Masks "network masks (parts)",
    Magic "magic constants (parts)",
    Letters "ASCII codes (parts)",
    FloatBits "bits of floating-point numbers (parts)",
    Extremes "0, 65535 and between (parts)",
}

impl Distribution {
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|it| *it == self).unwrap_or(0)
    }
}

/// The values of one field.
pub struct Source {
    distribution: Distribution,
    size: u32,
    parameters: [u64; 3],
    sent: u64,
}

impl Source {
    pub fn new(distribution: Distribution, size: u32, random: &mut Random) -> Self {
        let distribution = match distribution {
            Distribution::Mixed => loop {
                let one = random.pick(Distribution::ALL);
                if one != Distribution::Mixed {
                    break one;
                }
            },
            one => one,
        };
        let parameters = [random.next(), random.next(), random.next()];
        Self { distribution, size, parameters, sent: 0 }
    }

    /// The next value, as many bits as the field has.
    pub fn next(&mut self, random: &mut Random) -> u64 {
        let width = u64::from(self.size * 8);
        let mask = u64::MAX >> (64 - width);
        let [first, second, third] = self.parameters;
        let sent = self.sent;
        self.sent += 1;
        let log_uniform = |random: &mut Random, longest: u64| {
            let bits = random.below(longest + 1);
            if bits == 0 { 0 } else { 1 << (bits - 1) | random.next() & ((1 << (bits - 1)) - 1) }
        };
        let value = match self.distribution {
            Distribution::Uniform | Distribution::Mixed => random.next(),
            Distribution::Small => random.below(201),
            Distribution::LogUniform => log_uniform(random, width),
            Distribution::Counter => (first & mask >> (second % width)) + sent,
            Distribution::Flags => random.next() & first & second & 0xff,
            Distribution::Time => {
                let seconds = NOW as u64 + sent;
                match self.size {
                    8 => {
                        seconds * [1, 1000, 1_000_000, 1_000_000_000][first as usize % 4]
                            + random.below(1000)
                    }
                    _ => seconds,
                }
            }
            Distribution::Geometric => {
                let mean = 2.0_f64.powf((first % (width - 4)) as f64 + 1.0);
                (-(1.0 - random.unit()).ln() * mean) as u64
                    ^ random.below(1 << (first % (width - 4)))
            }
            Distribution::Mixture => match random.below(2) {
                0 => random.below(100),
                _ => random.next(),
            },
            Distribution::Sensor => {
                let mean = (second & mask >> (first % (width - 4))) as f64;
                let deviation = mean * [0.001, 0.01, 0.1][third as usize % 3];
                (mean + deviation * random.normal()).abs() as u64 ^ random.below(deviation as u64)
            }
            Distribution::Negative => {
                let spread = 2.0_f64.powf((first % (width - 3)) as f64 + 1.0);
                (random.normal() * spread) as i64 as u64 ^ random.below(1 << (first % (width - 3)))
            }
            Distribution::Ids => {
                let low = (second % (width / 2) + 2).min(width - 1);
                first & !((1 << low) - 1) | random.next() & ((1 << low) - 1)
            }
            Distribution::PowersOfTwo => 1 << random.below(width),
            Distribution::Bitmask => random.next() & random.next() & random.next(),
            Distribution::Zipf => (1.0 / (1.0 - random.unit())) as u64,
            Distribution::Money => log_uniform(random, width - 7) * 100,
            Distribution::Fixed => {
                let whole = random.below(100);
                whole << 8 | [0, 0x40, 0x80, 0xc0][random.below(4) as usize]
            }
            Distribution::TwoValues => random.pick(&[first, second]),
            Distribution::HighFlags => {
                let one = 1 << (first % width);
                let two = 1 << (second % width);
                random.pick(&[0, one, two, one | two])
            }
            Distribution::Addresses => {
                let network = [0x0a00_0000, 0xc0a8_0000, 0xac10_0000][first as usize % 3];
                network | (second & 0xff) << 8 | random.below(256)
            }
            Distribution::Walk => {
                let step = (second % 64).wrapping_mul(1 + third % 9);
                self.parameters[0] =
                    first.wrapping_add(step).wrapping_sub(random.below(2 * step + 1));
                self.parameters[0] & mask >> 2
            }
            Distribution::Dates => {
                let day = 1 + random.below(28);
                (2000 + random.below(30)) * 10_000 + (1 + random.below(12)) * 100 + day
            }
            Distribution::Ports => random.pick(&[
                22,
                53,
                80,
                123,
                443,
                1989,
                5060,
                8080,
                32_768 + second % 28_000,
                49_152 + third % 9999,
            ]),
            Distribution::Bimodal => {
                let peak = [1000.0, 40_000.0][random.below(2) as usize];
                (peak + random.normal() * peak / 20.0) as u64
            }
            Distribution::Colours => random.next() << 8 & 0xffff_ff00 | 0xff,
            Distribution::Steps => (first & mask).wrapping_add(256 * sent),
            Distribution::RoundSteps => (first & mask >> 8).wrapping_add(sent << (second % width)),
            Distribution::AboveConstant => random.below(100) << 8 | first & 0xff,
            Distribution::Versions => {
                random.below(4) << 24 | random.below(10) << 16 | random.below(20) << 8
            }
            Distribution::Masks => 0xffff_ffff << random.pick(&[8, 8, 16, 12, 4]) & 0xffff_ffff,
            Distribution::Magic => {
                [0xcafe_babe, 0xdead_beef, 0x0102_0304, 0x4d5a_9000][first as usize % 4]
            }
            Distribution::Letters => 0x41 + random.below(26),
            Distribution::FloatBits if self.size == 8 => (random.below(100) as f64).to_bits(),
            Distribution::FloatBits => u64::from((random.below(100) as f32).to_bits()),
            Distribution::Extremes => {
                let between = random.next() & 0xffff;
                random.pick(&[0, 0xffff, between])
            }
            Distribution::Pages => log_uniform(random, width.saturating_sub(13).max(3)) << 12,
        };
        value & mask
    }
}
