//! Header fields.

use wasmtime::component::{ComponentType, Lift, LinkerInstance, Lower, Resource, ResourceType};

use super::exchange::FieldList;
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::toll::pay;
use crate::sandbox::wasi::preview2::Host;

pub struct Fields {
    pub list: FieldList,
    /// Those of what came in cannot be changed.
    pub is_immutable: bool,
}

#[derive(ComponentType, Lift, Lower)]
#[component(variant)]
pub enum HeaderError {
    #[component(name = "invalid-syntax")]
    InvalidSyntax,
    #[component(name = "forbidden")]
    #[allow(
        dead_code,
        reason = "the type must have all of its cases; no field is forbidden where nothing goes out"
    )]
    Forbidden,
    #[component(name = "immutable")]
    Immutable,
}

type Handle = Resource<Fields>;
type Changed = Result<(), HeaderError>;

pub fn link(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.resource("fields", ResourceType::host::<Fields>(), |mut host, rep| {
        Ok(host.data_mut().resources.drop::<Fields>(rep)?)
    })?;
    to.func_wrap("[constructor]fields", |mut host: Host<'_>, ()| Ok((own(&mut host, FieldList::new())?,)))?;
    to.func_wrap("[static]fields.from-list", |mut host: Host<'_>, (list,): (FieldList,)| {
        let all = list.into_iter().map(|(name, value)| checked(&name, value));
        match all.collect::<Result<FieldList, HeaderError>>() {
            Ok(list) => Ok((Ok(own(&mut host, list)?),)),
            Err(error) => Ok((Err(error),)),
        }
    })?;
    to.func_wrap("[method]fields.get", |host: Host<'_>, (fields, name): (Handle, String)| {
        let name = name.to_ascii_lowercase();
        let list = &host.data().resources.get(&fields)?.list;
        let values = list.iter().filter(|(known, _)| *known == name).map(|(_, value)| value.clone());
        Ok((values.collect::<Vec<_>>(),))
    })?;
    to.func_wrap("[method]fields.has", |host: Host<'_>, (fields, name): (Handle, String)| {
        let name = name.to_ascii_lowercase();
        Ok((host.data().resources.get(&fields)?.list.iter().any(|(known, _)| *known == name),))
    })?;
    to.func_wrap("[method]fields.entries", |host: Host<'_>, (fields,): (Handle,)| {
        Ok((host.data().resources.get(&fields)?.list.clone(),))
    })?;
    to.func_wrap("[method]fields.clone", |mut host: Host<'_>, (fields,): (Handle,)| {
        let list = host.data().resources.get(&fields)?.list.clone();
        Ok((own(&mut host, list)?,))
    })?;
    link_changes(to)
}

fn link_changes(to: &mut LinkerInstance<'_, AttemptState>) -> wasmtime::Result<()> {
    to.func_wrap(
        "[method]fields.set",
        |host: Host<'_>, (fields, name, values): (Handle, String, Vec<Vec<u8>>)| {
            let all = values.into_iter().map(|value| checked(&name, value)).collect();
            change(host, &fields, Some(&name), all)
        },
    )?;
    to.func_wrap(
        "[method]fields.append",
        |host: Host<'_>, (fields, name, value): (Handle, String, Vec<u8>)| {
            let one = checked(&name, value).map(|field| vec![field]);
            change(host, &fields, None, one)
        },
    )?;
    to.func_wrap("[method]fields.delete", |host: Host<'_>, (fields, name): (Handle, String)| {
        change(host, &fields, Some(&name), Ok(FieldList::new()))
    })
}

/// Takes the fields of one name out, and puts others in.
fn change(
    mut host: Host<'_>,
    fields: &Handle,
    out: Option<&str>,
    new: Result<FieldList, HeaderError>,
) -> wasmtime::Result<(Changed,)> {
    let new = match new {
        Ok(new) => new,
        Err(error) => return Ok((Err(error),)),
    };
    hold(&mut host, &new)?;
    let fields = host.data_mut().resources.get_mut(fields)?;
    if fields.is_immutable {
        return Ok((Err(HeaderError::Immutable),));
    }
    if let Some(out) = out.map(str::to_ascii_lowercase) {
        fields.list.retain(|(name, _)| *name != out);
    }
    fields.list.extend(new);
    Ok((Ok(()),))
}

/// New fields that can be changed.
pub fn own(host: &mut Host<'_>, list: FieldList) -> wasmtime::Result<Handle> {
    hold(host, &list)?;
    Ok(host.data_mut().resources.push(Fields { list, is_immutable: false })?)
}

fn hold(host: &mut Host<'_>, list: &FieldList) -> wasmtime::Result<()> {
    host.data_mut().hold_fields(list)?;
    Ok(pay(host, list.iter().map(|(name, value)| (name.len() + value.len()) as u64).sum())?)
}

/// A field as HTTP allows it: a token, and text without line ends.
fn checked(name: &str, value: Vec<u8>) -> Result<(String, Vec<u8>), HeaderError> {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    let is_text = |b: &u8| !matches!(b, b'\r' | b'\n' | 0);
    match !name.is_empty() && name.bytes().all(is_token) && value.iter().all(is_text) {
        true => Ok((name.to_ascii_lowercase(), value)),
        false => Err(HeaderError::InvalidSyntax),
    }
}
