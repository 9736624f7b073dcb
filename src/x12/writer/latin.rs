//! Letters and signs outside a partner's character set in the plain letters of the set: `Müller` as `Muller`.

/// Letters and signs, and what stands for each of them. The base letter is taken, in no particular language's way, because
/// nothing here says which language a name is in: `ü` is `u`, not `ue`.
static PLAIN: &[(&str, &str)] = &[
    ("ÀÁÂÃÄÅĀĂĄ", "A"),
    ("àáâãäåāăąª", "a"),
    ("ÆǼ", "AE"),
    ("æǽ", "ae"),
    ("ÇĆĈĊČ", "C"),
    ("çćĉċč", "c"),
    ("ÐĎĐ", "D"),
    ("ðďđ", "d"),
    ("ÈÉÊËĒĔĖĘĚ", "E"),
    ("èéêëēĕėęě", "e"),
    ("ĜĞĠĢ", "G"),
    ("ĝğġģ", "g"),
    ("ĤĦ", "H"),
    ("ĥħ", "h"),
    ("ÌÍÎÏĨĪĬĮİ", "I"),
    ("ìíîïĩīĭįı", "i"),
    ("Ĳ", "IJ"),
    ("ĳ", "ij"),
    ("Ĵ", "J"),
    ("ĵ", "j"),
    ("Ķ", "K"),
    ("ķĸ", "k"),
    ("ĹĻĽĿŁ", "L"),
    ("ĺļľŀł", "l"),
    ("ÑŃŅŇŊ", "N"),
    ("ñńņňŋ", "n"),
    ("ŉ", "'n"),
    ("ÒÓÔÕÖØŌŎŐ", "O"),
    ("òóôõöøōŏőº", "o"),
    ("Œ", "OE"),
    ("œ", "oe"),
    ("ŔŖŘ", "R"),
    ("ŕŗř", "r"),
    ("ŚŜŞŠȘ", "S"),
    ("śŝşšșſ", "s"),
    ("ß", "ss"),
    ("ẞ", "SS"),
    ("ŢŤŦȚ", "T"),
    ("ţťŧț", "t"),
    ("Þ", "TH"),
    ("þ", "th"),
    ("ÙÚÛÜŨŪŬŮŰŲ", "U"),
    ("ùúûüũūŭůűųµμ", "u"),
    ("Ŵ", "W"),
    ("ŵ", "w"),
    ("ÝŶŸ", "Y"),
    ("ýÿŷ", "y"),
    ("ŹŻŽ", "Z"),
    ("źżž", "z"),
    ("\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}•·", "-"),
    ("‘’‚‛′´ʼ", "'"),
    ("“”„‟″«»", "\""),
    ("\u{a0}\u{2002}\u{2003}\u{2007}\u{2009}\u{202f}", " "),
    // a soft hyphen, characters without width, a byte order mark
    ("\u{ad}\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}", ""),
    ("…", "..."),
    ("×", "x"),
    ("±", "+/-"),
    ("⁄", "/"),
    ("¼", "1/4"),
    ("½", "1/2"),
    ("¾", "3/4"),
    ("¹", "1"),
    ("²", "2"),
    ("³", "3"),
    ("¡", "!"),
    ("¿", "?"),
    ("©", "(C)"),
    ("®", "(R)"),
    ("™", "TM"),
    ("№", "No"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("¥", "JPY"),
];

/// What stands for a character; None where nothing here does. A diacritic that follows its letter goes.
pub(super) fn plain(c: char) -> Option<&'static str> {
    if ('\u{300}'..='\u{36f}').contains(&c) {
        return Some("");
    }
    PLAIN.iter().find(|(letters, _)| letters.contains(c)).map(|(_, plain)| *plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_latin_1_and_latin_extended_a_has_plain_letters() {
        for c in ('\u{c0}'..='\u{17f}').filter(|c| c.is_alphabetic()) {
            let plain = plain(c).unwrap_or_else(|| panic!("{c}"));
            assert!(!plain.is_empty() && plain.is_ascii(), "{c}");
            let upper = c.is_uppercase();
            assert!(plain.trim_matches('\'').chars().all(|p| p.is_uppercase() == upper), "{c} {plain}");
        }
    }

    #[test]
    fn each_letter_stands_in_one_row_and_is_no_ascii() {
        let letters: Vec<char> = PLAIN.iter().flat_map(|(letters, _)| letters.chars()).collect();
        let distinct: std::collections::BTreeSet<char> = letters.iter().copied().collect();
        assert_eq!(letters.len(), distinct.len());
        assert!(letters.iter().all(|letter| !letter.is_ascii()));
    }

    #[test]
    fn a_letter_and_its_diacritic_are_the_letter() {
        assert_eq!((plain('\u{308}'), plain('漢'), plain('a')), (Some(""), None, None));
    }
}
