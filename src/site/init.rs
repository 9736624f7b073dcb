//! A new site: the folders, commented settings, one example partner, and masters that are headers alone.

use crate::site::folders::Folders;
use crate::world;
use anyhow::{Context, Result, ensure};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The files of a new site, and what stands in them.
const FILES: &[(&str, &str)] = &[
    ("itembridge.toml", include_str!("../../config/itembridge.toml")),
    ("partners/example.toml", include_str!("../../config/partners/x12-retailer.toml")),
    (
        "masters/items.csv",
        "item,description,unit,gtin,status,successor,price,customer_item_type,serial_tracking,fractions\n",
    ),
    ("masters/customers.csv", "customer,name,group,ledger\n"),
    (
        "masters/item_xref.csv",
        "customer,customer_item,item,ship_to,qualifier,unit,unit_factor,rank,valid_from,valid_to,status,description\n",
    ),
    ("masters/item_kits.csv", "kit,component,quantity\n"),
    ("masters/uom.csv", "item,unit,to_unit,factor\n"),
];

/// Makes a site in a folder that is not there yet, or empty. Returns the files that were written, in that order.
pub fn init(folder: &Path) -> Result<Vec<PathBuf>> {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => {
            let site = folder.join("itembridge.toml").exists();
            ensure!(!site, "{} is a site already; nothing was changed", folder.display());
            ensure!(entries.next().is_none(), "{} is not empty; nothing was changed", folder.display());
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("open {}", folder.display())),
    }
    world::make_folders(folder).with_context(|| format!("make the folder {}", folder.display()))?;
    let folders = Folders::open(folder)?;
    folders.create()?;
    for partner in ["inbox/orders/example", "outbox/example"] {
        let path = folder.join(partner);
        world::make_folders(&path).with_context(|| format!("make the folder {}", path.display()))?;
    }
    let mut written = Vec::with_capacity(FILES.len());
    for (name, text) in FILES {
        let path = folder.join(name);
        let writing = || format!("write {}", path.display());
        let mut file = world::OutFile::create_new(&path).with_context(writing)?;
        file.write_all(text.as_bytes()).with_context(writing)?;
        written.push(path);
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site;
    use crate::site::masters::MasterFile;

    #[test]
    fn a_new_site_loads_and_its_masters_are_empty() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/site");
        let written = init(&path).unwrap();
        assert_eq!(written.len(), FILES.len());
        let site = site::load(&path).unwrap();
        assert_eq!(site.partners.len(), 1);
        assert_eq!(site.settings.company.name, "Example Supplier");
        for master in MasterFile::ALL {
            let read = site::masters::read(&path, master, &site.settings.customer_item_types).unwrap();
            assert_eq!(read, site::masters::MasterRead::default(), "{}", master.name());
        }
        let inbox = Folders::open(&path).unwrap().list_inbox("orders", std::time::Duration::ZERO).unwrap();
        assert_eq!(inbox, site::folders::Inbox::default());
    }

    #[test]
    fn a_folder_with_something_in_it_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("notes.txt"), "mine").unwrap();
        let error = init(folder.path()).unwrap_err().to_string();
        assert!(error.ends_with("is not empty; nothing was changed"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

        let site = folder.path().join("site");
        init(&site).unwrap();
        let error = init(&site).unwrap_err().to_string();
        assert!(error.ends_with("is a site already; nothing was changed"), "{error}");
    }

    #[test]
    fn the_keys_of_the_company_stand_at_the_start_of_a_line() {
        let (_, text) = FILES[0];
        for key in ["name", "interchange_qualifier", "interchange_id", "application_id", "currency"] {
            assert_eq!(
                text.lines().filter(|line| line.starts_with(&format!("{key} = "))).count(),
                1,
                "{key}"
            );
        }
    }
}
