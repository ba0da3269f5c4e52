use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;

use super::super::gap::GapRecipe;
use super::super::grammar::tests::any_recipe;
use super::super::path::FieldPath;
use super::*;
use crate::generate::mistake::{Mistake, MistakeKind};

#[test]
fn a_recipe_is_printed_to_be_edited() {
    let text = "\
seed = 7
order = \"by-weight\"
gap = \"1ms..5ms\"

[[message]]
name = \"msg_st\"
weight = 3
mistake = \"byte-order=math\"
trailing = \"hex(00)\"
[message.fields]
name = \"Alan\"
math = 83
\"point.x\" = 0.5
\"scores[2]\" = '\"83\"'
scores = [1, 2]

[[message]]
raw = \"choice(hex(00):3, hex(ff))\"

[[sender]]
from = \"10.0.0.1:0\"
join = true
count = 5
message = []

[[sender]]

[[sender.message]]
name = \"other\"
[sender.message.fields]
\"名\" = \"counter\"
";
    let recipe = Recipe::parse(Path::new("r.toml"), text).unwrap();
    assert_eq!(recipe.to_toml(), text);
    assert_eq!(Recipe::default().to_toml(), "");
}

#[test]
fn of_two_recipes_for_a_field_the_later_is_printed() {
    let fields = ["a=1", "b=2", "a=3"].map(|it| super::super::setting(it).unwrap());
    let message = MessageRecipe { fields: fields.into(), ..MessageRecipe::new("m") };
    let recipe = Recipe { messages: vec![message], ..Recipe::default() };
    assert_eq!(recipe.to_toml(), "[[message]]\nname = \"m\"\n[message.fields]\nb = 2\na = 3\n");
}

fn any_gap() -> impl Strategy<Value = GapRecipe> {
    let gap = || any::<u32>().prop_map(|it| Duration::from_nanos(u64::from(it) * 997));
    prop_oneof![
        gap().prop_map(GapRecipe::Constant),
        (gap(), gap()).prop_map(|(a, b)| GapRecipe::Range { low: a.min(b), high: a.max(b) }),
        prop::collection::vec((gap(), 1..9_u32), 1..4).prop_map(GapRecipe::Choice),
    ]
}

fn any_path() -> impl Strategy<Value = FieldPath> {
    let path = "[a-z_][a-z0-9_]{0,3}(\\[[0-9]{1,3}\\]){0,2}(\\.[a-zé]{1,3}){0,2}";
    path.prop_map(|it| it.parse().unwrap())
}

fn any_mistake() -> impl Strategy<Value = Mistake> {
    let kind = prop::sample::select(vec![MistakeKind::ByteOrder, MistakeKind::Uninitialised]);
    (kind, prop::option::of("[a-z.]{1,5}")).prop_map(|(kind, field)| Mistake { kind, field })
}

fn any_message() -> impl Strategy<Value = MessageRecipe> {
    let fields = prop::collection::hash_map(any_path(), any_recipe(), 0..4);
    let fields = fields.prop_map(|it| it.into_iter().collect());
    let mistakes = prop::collection::vec(any_mistake(), 0..3);
    let bytes = || prop::option::of(any_recipe());
    (any::<String>(), 1..u32::MAX, fields, mistakes, bytes(), bytes()).prop_map(
        |(message, weight, fields, mistakes, raw, trailing)| MessageRecipe {
            message,
            weight,
            fields,
            mistakes,
            raw,
            trailing,
        },
    )
}

fn any_sender() -> impl Strategy<Value = SenderRecipe> {
    let from = prop::option::of((any::<std::net::IpAddr>(), any::<u16>()));
    let messages = prop::option::of(prop::collection::vec(any_message(), 0..3));
    let count = prop::option::of(0..u64::from(u32::MAX));
    (from, any::<bool>(), messages, count).prop_map(|(from, join, messages, count)| SenderRecipe {
        from: from.map(SocketAddr::from),
        join,
        messages,
        count,
    })
}

proptest! {
    #[test]
    fn any_recipe_reads_as_it_is_printed(
        seed: Option<u64>,
        messages in prop::collection::vec(any_message(), 0..3),
        order in prop::sample::select(vec![Order::InTurn, Order::ByWeight]),
        senders in prop::collection::vec(any_sender(), 0..3),
        gap in prop::option::of(any_gap()),
    ) {
        let recipe = Recipe { seed, messages, order, senders, gap };
        let text = recipe.to_toml();
        prop_assert_eq!(Recipe::parse(Path::new("r.toml"), &text).unwrap(), recipe, "{}", text);
    }
}
