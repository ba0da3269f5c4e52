//! Grades by name, as `proto.h` lays them out: integers in network byte order, names with zeros behind.

/// Bytes of `ask_st`.
const ASK: usize = 15;

/// The names that are known, with math and chinese.
const GRADES: [(&str, u32, u32); 2] = [("Alan", 83, 86), ("Grace", 100, 0)];

/// The answer to a question, a `msg_st`: the same number and name, then the marks. Nothing where it
/// is no question, or nobody has that name.
pub fn answer(question: &[u8]) -> Option<Vec<u8>> {
    let asked: &[u8; ASK] = question.try_into().ok()?;
    let name = asked[4..].split(|it| *it == 0).next()?;
    let (_, math, chinese) = GRADES.iter().find(|(known, ..)| known.as_bytes() == name)?;
    let mut answer = asked.to_vec();
    answer.extend(math.to_be_bytes());
    answer.extend(chinese.to_be_bytes());
    Some(answer)
}
