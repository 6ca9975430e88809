//! `wasi:sockets`: asking for a socket or an address is denied, and so the rest cannot be reached.

use wasmtime::component::{LinkerInstance, ResourceType, Val};

use super::Host;
use crate::sandbox::attempt_state::AttemptState;
use crate::sandbox::wasi::Grant;

type To<'a, 'b> = &'a mut LinkerInstance<'b, AttemptState>;

struct Network;
enum TcpSocket {}
enum UdpSocket {}
enum IncomingDatagramStream {}
enum OutgoingDatagramStream {}
enum ResolveAddressStream {}

/// The network itself can be had: programs ask for it before they do anything with it.
pub fn instance_network(to: To<'_, '_>) -> wasmtime::Result<()> {
    to.func_wrap("instance-network", |mut host: Host<'_>, ()| {
        Ok((host.data_mut().resources.push(Network)?,))
    })
}

pub fn network(to: To<'_, '_>) -> wasmtime::Result<()> {
    to.resource("network", ResourceType::host::<Network>(), |mut host, rep| {
        Ok(host.data_mut().resources.drop::<Network>(rep)?)
    })
}

pub fn tcp(to: To<'_, '_>) -> wasmtime::Result<()> {
    to.resource("tcp-socket", ResourceType::host::<TcpSocket>(), |_, _| Ok(()))
}

pub fn udp(to: To<'_, '_>) -> wasmtime::Result<()> {
    to.resource("udp-socket", ResourceType::host::<UdpSocket>(), |_, _| Ok(()))?;
    to.resource("incoming-datagram-stream", ResourceType::host::<IncomingDatagramStream>(), |_, _| Ok(()))?;
    to.resource("outgoing-datagram-stream", ResourceType::host::<OutgoingDatagramStream>(), |_, _| Ok(()))
}

pub fn ip_name_lookup(to: To<'_, '_>) -> wasmtime::Result<()> {
    to.resource("resolve-address-stream", ResourceType::host::<ResolveAddressStream>(), |_, _| Ok(()))?;
    deny(to, "resolve-addresses")
}

/// A function whose result is `result<_, error-code>`.
pub fn deny(to: To<'_, '_>, name: &'static str) -> wasmtime::Result<()> {
    to.func_new(name, move |mut host: Host<'_>, _, _, results| {
        host.data_mut().deny(Grant::Sockets, name)?;
        results[0] = Val::Result(Err(Some(Box::new(Val::Enum("access-denied".into())))));
        Ok(())
    })
}
