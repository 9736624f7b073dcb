//! partners/*.toml, one trading partner each, and which of them a document belongs to.

mod check;

use crate::domain::Text;
use crate::domain::partner::{Company, PartnerIdentity, PartnerProfile};
use crate::site::toml_file::{Problem, TomlFile, refusal};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// The profiles of a site, in the order of their file names.
pub fn load(site: &Path) -> Result<Vec<PartnerProfile>> {
    let (profiles, problems) = read(site, None)?;
    if problems.is_empty() { Ok(profiles) } else { Err(refusal(&problems)) }
}

/// The profiles that could be read, and everything that is wrong with any of them. With a company, its ids are held
/// against the separators too.
pub fn read(site: &Path, company: Option<&Company>) -> Result<(Vec<PartnerProfile>, Vec<Problem>)> {
    let mut read: Vec<(PartnerProfile, TomlFile)> = Vec::new();
    let mut problems = Vec::new();
    for name in file_names(site)? {
        match TomlFile::open(site, &name)? {
            Ok(file) => match file.read::<PartnerProfile>(check::REQUIRED) {
                Ok(mut profile) => {
                    check::defaults(&mut profile, &file);
                    problems.extend(check::profile(&profile, &file, company));
                    read.push((profile, file));
                }
                Err(more) => problems.extend(more),
            },
            Err(more) => problems.extend(more),
        }
    }
    problems.extend(check::against_each_other(&read));
    let mut profiles: Vec<PartnerProfile> = read.into_iter().map(|(profile, _)| profile).collect();
    share_numbers(&mut profiles);
    Ok((profiles, problems))
}

/// Partners behind the same ISA05 and ISA06 count their control numbers together: to whoever receives there, two interchanges
/// with one ISA13 are one.
fn share_numbers(profiles: &mut [PartnerProfile]) {
    let ids = |profile: &PartnerProfile| {
        let PartnerIdentity { interchange_qualifier, interchange_id, .. } = &profile.partner;
        (interchange_qualifier.clone(), interchange_id.clone())
    };
    let mut behind: BTreeMap<(Text, Text), Vec<Text>> = BTreeMap::new();
    let shares = |profile: &PartnerProfile| !matches!(profile.partner.interchange_id.as_str(), "" | ANY);
    for profile in profiles.iter().filter(|profile| shares(profile)) {
        behind.entry(ids(profile)).or_default().push(profile.partner.id.clone());
    }
    for profile in profiles.iter_mut().filter(|profile| shares(profile)) {
        let Some([owner, others @ ..]) = behind.get(&ids(profile)).map(Vec::as_slice) else { continue };
        if *owner != profile.partner.id {
            profile.partner.counts_with.clone_from(owner);
        }
        profile.partner.counted_before = others.to_vec();
    }
}

/// One profile, wherever its file stands.
pub fn load_one(path: &Path) -> Result<PartnerProfile> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = path.file_name().and_then(|name| name.to_str()).context("the profile's path names no file")?;
    let read = match TomlFile::open(folder, name)? {
        Ok(file) => file.read::<PartnerProfile>(check::REQUIRED),
        Err(problems) => Err(problems),
    };
    read.map_err(|problems| refusal(&problems))
}

/// The profile of whoever sent an interchange: the exact ISA05/06; among several of these the one with this GS02, else
/// one that leaves GS02 open; then, in the same way, the profiles that accept any sender.
pub fn find_by_envelope<'p>(
    profiles: &'p [PartnerProfile],
    qualifier: &str,
    id: &str,
    application: &str,
) -> Option<&'p PartnerProfile> {
    let exact: Vec<&PartnerProfile> = profiles
        .iter()
        .filter(|profile| {
            profile.partner.interchange_qualifier == qualifier && profile.partner.interchange_id == id
        })
        .filter(|profile| !profile.partner.interchange_id.is_empty())
        .collect();
    let any: Vec<&PartnerProfile> =
        profiles.iter().filter(|profile| profile.partner.interchange_id == ANY).collect();
    by_application(&exact, application).or_else(|| by_application(&any, application))
}

/// The profile that the folder below inbox/orders names. A CSV file that lies in inbox/orders itself (an empty name)
/// belongs to the one CSV partner, if there is exactly one.
pub fn find_by_folder<'p>(profiles: &'p [PartnerProfile], folder: &str) -> Option<&'p PartnerProfile> {
    if !folder.is_empty() {
        return profiles.iter().find(|profile| profile.partner.id == folder);
    }
    let mut csv = profiles.iter().filter(|profile| profile.orders.csv.is_some());
    let first = csv.next();
    if csv.next().is_some() { None } else { first }
}

/// `interchange_id` that accepts any sender, `application_id` that accepts any code.
const ANY: &str = "*";

fn by_application<'p>(candidates: &[&'p PartnerProfile], application: &str) -> Option<&'p PartnerProfile> {
    if let [only] = candidates {
        return Some(*only);
    }
    let named = candidates.iter().find(|profile| profile.partner.application_id == application);
    let open = || {
        candidates.iter().find(|profile| {
            profile.partner.application_id.is_empty() || profile.partner.application_id == ANY
        })
    };
    named.or_else(open).copied()
}

/// `partners/NAME.toml` in bytewise order; dotfiles, folders and other endings are passed over.
fn file_names(site: &Path) -> Result<Vec<String>> {
    let folder = site.join("partners");
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("list {}", folder.display())),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.with_context(|| format!("list {}", folder.display()))?;
        let name = entry.file_name();
        let Some(text) = name.to_str() else {
            anyhow::bail!("{}: the name is not UTF-8; rename the file", entry.path().display());
        };
        let is_toml = Path::new(text).extension().is_some_and(|extension| extension == "toml");
        if is_toml && !text.starts_with('.') && entry.path().is_file() {
            names.push(format!("partners/{text}"));
        }
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests;
