//! The list of the wheel's components, in CycloneDX: maturin writes it into the wheel as it builds it.

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::lock;
use crate::release::Workshop;
use crate::release::dist::wheel;
use crate::release::record::{Record, text};
use crate::release::steps::Made;
use crate::venv::Venv;

/// Copies the list out of the wheel, and checks it against the lock file.
pub(crate) fn run(workshop: &Workshop, venv: &Venv, record: &Record) -> anyhow::Result<Made> {
    let shell = workshop.clone.shell()?;
    let wheel = workshop.wheel(record)?;
    let inside = wheel::members(venv, &shell, &wheel)?;
    let path = inside.lines().find(|path| path.ends_with(".cyclonedx.json"));
    let path = path.context("the wheel has no list of its components")?;
    let read = "import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))";
    let list = venv.python(&shell).args(["-c", read]).arg(&wheel).arg(path).read()?;

    let count = check(&serde_json::from_str(&list)?, &datafusion(workshop)?)?;
    let name = format!("planwire-{}.cyclonedx.json", workshop.version);
    std::fs::write(workshop.dist.join(&name), list + "\n")?;
    Ok(Made { said: format!("{count} components in CycloneDX, each with its licence"), files: vec![name] })
}

/// The version of DataFusion in the lock file.
pub(crate) fn datafusion(workshop: &Workshop) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(workshop.clone.root.join("Cargo.lock"))?;
    let version = lock::version(&text, "datafusion").context("Cargo.lock has no DataFusion")?;
    Ok(version.to_owned())
}

fn check(list: &Value, datafusion: &str) -> anyhow::Result<usize> {
    ensure!(text(list, "bomFormat")? == "CycloneDX", "the list is not in CycloneDX");
    let components = list.get("components").and_then(Value::as_array).context("no components")?;
    let mut found = false;
    for component in components {
        let (name, version) = (text(component, "name")?, text(component, "version")?);
        let licences = component.get("licenses").and_then(Value::as_array);
        ensure!(licences.is_some_and(|all| !all.is_empty()), "{name} {version} is listed without a licence");
        found |= name == "datafusion" && version == datafusion;
    }
    ensure!(found, "DataFusion {datafusion} is not listed");
    Ok(components.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_names_datafusion_and_the_licence_of_each_component() {
        let list = |version: &str, licences: Value| {
            let component = json!({ "name": "datafusion", "version": version, "licenses": licences });
            let list = json!({ "bomFormat": "CycloneDX", "components": [component] });
            check(&list, "55.2.0").map_err(|error| error.to_string())
        };
        let licences = json!([{ "expression": "Apache-2.0" }]);
        assert_eq!(list("55.2.0", licences.clone()), Ok(1));
        assert_eq!(list("55.1.0", licences), Err("DataFusion 55.2.0 is not listed".to_owned()));
        assert_eq!(
            list("55.2.0", json!([])),
            Err("datafusion 55.2.0 is listed without a licence".to_owned())
        );
    }
}
