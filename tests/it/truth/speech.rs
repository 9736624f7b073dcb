//! How customers write our descriptions: abbreviated, in another order, shortened, mistyped.

use super::draw::Draw;

/// A customer's habits, in percent of the words or lines.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    pub abbreviates: u64,
    pub reorders: u64,
    pub leaves_out: u64,
    pub mistypes: u64,
    /// Words of its own.
    pub adds: u64,
    pub length_max: usize,
}

impl Manner {
    pub fn of(place: usize) -> Self {
        let manner = |abbreviates, reorders, leaves_out, mistypes, adds, length_max| Self {
            abbreviates,
            reorders,
            leaves_out,
            mistypes,
            adds,
            length_max,
        };
        match place % 5 {
            0 => manner(80, 80, 15, 2, 20, 30),
            1 => manner(10, 20, 5, 1, 30, 80),
            2 => manner(50, 50, 10, 4, 10, 40),
            3 => manner(95, 30, 25, 1, 5, 25),
            _ => manner(25, 60, 10, 8, 50, 60),
        }
    }
}

/// As retailers abbreviate; what is not here loses its vowels or its end.
const SHORT: &[(&str, &[&str])] = &[
    ("stainless", &["SS", "STNLS", "STAIN"]),
    ("steel", &["STL", "ST"]),
    ("galvanized", &["GALV", "GLV", "HDG"]),
    ("zinc", &["ZN", "ZNC"]),
    ("plated", &["PLTD", "PL"]),
    ("bolt", &["BLT"]),
    ("screw", &["SCR", "SCRW"]),
    ("washer", &["WSHR", "WASH"]),
    ("countersunk", &["CSK", "CNTRSNK"]),
    ("black", &["BLK", "BK"]),
    ("white", &["WHT", "WH"]),
    ("yellow", &["YEL", "YLW"]),
    ("green", &["GRN"]),
    ("brown", &["BRN"]),
    ("orange", &["ORG", "ORNG"]),
    ("silver", &["SLV", "SLVR"]),
    ("clear", &["CLR"]),
    ("small", &["S", "SM", "SML"]),
    ("medium", &["M", "MED"]),
    ("large", &["L", "LG", "LRG"]),
    ("pack", &["PK", "PKG"]),
    ("heavy", &["HVY", "HD"]),
    ("outdoor", &["OUTDR", "ODR"]),
    ("exterior", &["EXT"]),
    ("extension", &["EXT", "EXTN"]),
    ("general", &["GEN"]),
    ("purpose", &["PURP"]),
    ("daylight", &["DAYLT", "DL"]),
    ("neutral", &["NEUT"]),
    ("laminated", &["LAM"]),
    ("different", &["DIFF"]),
    ("natural", &["NAT"]),
    ("powder", &["PWDR", "PF"]),
    ("gallon", &["GAL"]),
    ("threaded", &["THRD"]),
    ("solder", &["SLDR"]),
    ("kitchen", &["KTCH", "K"]),
];

const OWN_WORDS: &[&str] =
    &["NEW", "NWIND", "ASST", "EA", "SEASONAL", "PROMO", "HDWE", "A/B", "*", "REG PRICE"];

/// The description as this customer has it.
pub fn said(draw: &mut Draw, description: &str, manner: Manner) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in description.split_whitespace() {
        let number = word.starts_with(|letter: char| letter.is_ascii_digit()) || word == "x";
        if number {
            // sizes stay, run together with what stands before them or not
            match words.last_mut() {
                Some(last) if draw.chance(20) => last.push_str(word),
                _ => words.push(word.to_owned()),
            }
        } else if !draw.chance(manner.leaves_out) {
            let short = draw.chance(manner.abbreviates);
            let word = if short { abbreviated(draw, word) } else { word.to_uppercase() };
            words.push(if draw.chance(manner.mistypes) { mistyped(draw, &word) } else { word });
        }
    }
    if draw.chance(manner.reorders) && words.len() > 2 {
        // the thing first, what it is like behind it, as lists are sorted
        let first = draw.place(words.len().min(3));
        let word = words.remove(first);
        words.insert(0, word);
    }
    if draw.chance(manner.adds) {
        let own = (*draw.pick(OWN_WORDS)).to_owned();
        let at = draw.place(words.len() + 1);
        words.insert(at, own);
    }
    let glue = if draw.chance(15) { "," } else { " " };
    let said: String = words.join(glue).chars().take(manner.length_max).collect();
    said.trim().to_owned()
}

fn abbreviated(draw: &mut Draw, word: &str) -> String {
    let plain = word.to_lowercase();
    if let Some((_, short)) = SHORT.iter().find(|(long, _)| *long == plain) {
        return (*draw.pick(short)).to_owned();
    }
    if plain.len() < 5 {
        return word.to_uppercase();
    }
    if draw.chance(50) {
        return plain.chars().take(4).collect::<String>().to_uppercase();
    }
    let vowel = |letter: char| matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u');
    let kept: String = plain
        .char_indices()
        .filter(|(at, letter)| *at == 0 || !vowel(*letter))
        .map(|(_, letter)| letter)
        .collect();
    kept.to_uppercase()
}

/// With one letter wrong, lost, doubled or swapped.
pub fn mistyped(draw: &mut Draw, word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() < 3 {
        return word.to_owned();
    }
    let at = 1 + draw.place(letters.len() - 2);
    match draw.below(4) {
        0 => letters.swap(at, at + 1),
        1 => {
            letters.remove(at);
        }
        2 => letters.insert(at, letters[at]),
        _ => {
            let digits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
            let others = ['A', 'E', 'I', 'O', 'R', 'S', 'T', 'N'];
            let choices = if letters[at].is_ascii_digit() { &digits[..] } else { &others[..] };
            letters[at] = *draw.pick(choices);
        }
    }
    letters.into_iter().collect()
}
