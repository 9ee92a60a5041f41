use super::*;
use rand::{SeedableRng, rngs::StdRng};
use std::{fs, sync::atomic::AtomicU32};

/// Is a new folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("fusor-keys-{}-{number}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn same(a: &NodeKeys, b: &NodeKeys) -> bool {
    a.id() == b.id() && a.beacon.public() == b.beacon.public() && a.node.encode() == b.node.encode()
}

#[test]
fn written_keys_read_the_same() {
    let folder = Folder::new();
    let keys = generate(&mut StdRng::seed_from_u64(1));
    write(&folder.0, &keys, Existing::Refuse).unwrap();
    assert!(same(&read(&folder.0).unwrap(), &keys));
    let public = fs::read_to_string(folder.0.join(PUBLIC_FILE)).unwrap();
    assert_eq!(PublicKeys::from_json(&public), Ok(PublicKeys::of(&keys)));
    for file in [NODE_FILE, BEACON_FILE] {
        let secret = fs::read_to_string(folder.0.join(file)).unwrap();
        assert!(!public.contains(secret.trim()));
        assert!(!format!("{keys:?}").contains(secret.trim()));
    }
}

#[test]
fn fresh_keys_differ() {
    assert_ne!(fresh().id(), fresh().id());
    let (a, b) = (StdRng::seed_from_u64(1), StdRng::seed_from_u64(1));
    assert_eq!(generate(&mut { a }).id(), generate(&mut { b }).id());
}

#[test]
fn keys_are_not_overwritten_unless_asked() {
    let folder = Folder::new();
    let (first, second) = (generate(&mut StdRng::seed_from_u64(1)), generate(&mut StdRng::seed_from_u64(2)));
    write(&folder.0, &first, Existing::Refuse).unwrap();
    let error = write(&folder.0, &second, Existing::Refuse).unwrap_err();
    assert!(matches!(error, KeyError::Exists(_)), "{error}");
    assert!(same(&read(&folder.0).unwrap(), &first));
    fs::remove_file(folder.0.join(NODE_FILE)).unwrap();
    assert!(write(&folder.0, &second, Existing::Refuse).is_err());
    assert!(!folder.0.join(NODE_FILE).exists(), "nothing of a refused write is there");
    write(&folder.0, &second, Existing::Replace).unwrap();
    assert!(same(&read(&folder.0).unwrap(), &second));
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 3, "no part stays");
}

#[test]
fn wrong_files_are_named() {
    let folder = Folder::new();
    let error = read(&folder.0).unwrap_err();
    assert!(error.to_string().contains(NODE_FILE), "{error}");
    write(&folder.0, &generate(&mut StdRng::seed_from_u64(1)), Existing::Refuse).unwrap();
    for text in ["", "xyz", &"0".repeat(62), &"f".repeat(66), &"f".repeat(5_000)] {
        fs::write(folder.0.join(NODE_FILE), text).unwrap();
        assert!(matches!(read(&folder.0), Err(KeyError::NoKey { .. })), "{text}");
    }
    fs::write(folder.0.join(NODE_FILE), "1".repeat(64)).unwrap();
    // The order of the group is less than this, and zero is no key.
    for text in ["f".repeat(64), "0".repeat(64)] {
        fs::write(folder.0.join(BEACON_FILE), text).unwrap();
        let error = read(&folder.0).unwrap_err().to_string();
        assert!(
            error.contains("beacon.key: expected 64 hexadecimal digits that are a BLS12-381 key"),
            "{error}"
        );
    }
}

#[cfg(unix)]
#[test]
fn others_cannot_read_keys() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    write(&folder.0, &generate(&mut StdRng::seed_from_u64(1)), Existing::Refuse).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.0), 0o700);
    for file in [NODE_FILE, BEACON_FILE] {
        let path = folder.0.join(file);
        assert_eq!(mode(&path), 0o600);
        for open in [0o640, 0o604, 0o620, 0o777] {
            fs::set_permissions(&path, fs::Permissions::from_mode(open)).unwrap();
            let error = read(&folder.0).unwrap_err();
            let text = error.to_string();
            assert!(matches!(error, KeyError::Open { mode, .. } if mode == open), "{text}");
            assert!(text.contains(&format!("mode {open:o}")) && text.contains("chmod 600"), "{text}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    assert!(read(&folder.0).is_ok());
}

#[test]
fn the_key_of_an_account_gives_its_address() {
    let folder = Folder::new();
    let path = folder.0.join("owner.key");
    let address = write_account(&path, Existing::Refuse).unwrap();
    let bytes = hex::decode(fs::read_to_string(&path).unwrap().trim()).unwrap();
    assert_eq!(Address::from_private_key(&SigningKey::from_slice(&bytes).unwrap()), address);
    assert!(write_account(&path, Existing::Refuse).is_err());
}

#[test]
fn a_public_part_of_another_shape_is_refused() {
    let keys = PublicKeys::of(&NodeKeys::from_seed(1));
    let text = keys.to_json();
    let refused = |text: &str| PublicKeys::from_json(text).unwrap_err().to_string();
    assert_eq!(refused("{"), "1:2: expected a key in quotes, found the end of the file");
    assert_eq!(refused("[]"), "1:1: the file: expected an object");
    assert_eq!(refused("{}"), "1:1: node_key: expected this key");
    assert_eq!(
        refused(&text.replace("proof", "prof")),
        "4:11: prof: expected one of the keys node_key, beacon_key, proof"
    );
    let short = text.replace(&keys.node.to_string(), "0x12");
    assert_eq!(refused(&short), "2:15: node_key: expected 64 hexadecimal digits after `0x`");
    let other = text.replace(&keys.node.to_string(), &NodeKeys::from_seed(2).id().to_string());
    assert!(refused(&other).contains("does not show"), "{}", refused(&other));
}

#[test]
fn a_custodians_secret_reads_the_same_and_is_not_overwritten() {
    let folder = Folder::new();
    let path = folder.0.join("custodian.key");
    let keys = write_custodian(&path, Existing::Refuse).unwrap();
    assert_eq!(read_custodian(&path).unwrap().operator(), keys.operator());
    assert!(matches!(write_custodian(&path, Existing::Refuse), Err(KeyError::Exists(_))));
    assert_eq!(read_custodian(&path).unwrap().encryption(), keys.encryption());
    assert_ne!(write_custodian(&path, Existing::Replace).unwrap().operator(), keys.operator());
    fs::write(&path, "0x12\n").unwrap();
    assert!(matches!(read_custodian(&path), Err(KeyError::NoKey { .. })));
}
