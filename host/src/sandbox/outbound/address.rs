//! Which addresses are public. A name that the operator granted may be pointed anywhere by whoever runs its
//! DNS: at the machine's own services, or at those of the network it stands in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether packets to it go to the internet, and to one machine there.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// All but what IANA's registry of special addresses does not call globally reachable.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = match (a, b, c) {
        // This network, private, loopback, multicast, reserved.
        (0 | 10 | 127 | 224.., ..) => true,
        // Shared behind a carrier's NAT.
        (100, 64..=127, _) => true,
        // Link-local, where clouds keep what an instance may know of itself.
        (169, 254, _) => true,
        (172, 16..=31, _) | (192, 168, _) => true,
        // Protocol assignments, documentation, the relays of 6to4.
        (192, 0, 0 | 2) | (192, 88, 99) => true,
        // Measurements of devices, documentation.
        (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) => true,
        _ => false,
    };
    !is_special
}

/// Global unicast is 2000::/3; all else is special, and so is some of that.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let [a, b, ..] = segments;
    match (a, b) {
        // An IPv4 address behind NAT64.
        (0x64, 0xff9b) if segments[2..6] == [0; 4] => is_public_v4(last_four(address)),
        // Protocol assignments, Teredo among them; 6to4; documentation.
        (0x2001, 0..=0x1ff | 0xdb8) | (0x2002, _) | (0x3fff, 0..=0xfff) => false,
        (0x2000..=0x3fff, _) => true,
        _ => false,
    }
}

fn last_four(address: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = address.octets();
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn all(addresses: &[&str], are_public: bool) {
        for address in addresses {
            assert_eq!(is_public(address.parse().unwrap()), are_public, "{address}");
        }
    }

    #[test]
    fn addresses_of_the_machine_and_its_network_are_not_public() {
        all(&["0.0.0.0", "127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "172.31.255.255"], false);
        all(&["192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.255"], false);
        all(
            &["192.0.0.170", "192.0.2.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.9"],
            false,
        );
        all(&["224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.88.99.1"], false);
        all(&["::", "::1", "fe80::1", "fec0::1", "fc00::1", "fdff::1", "ff02::1", "100::1"], false);
        all(&["2001:db8::1", "2001::1", "2002:a00:1::", "3fff::1"], false);
    }

    #[test]
    fn an_ipv4_address_within_an_ipv6_one_hides_nothing() {
        all(
            &["::ffff:10.0.0.1", "::ffff:8.8.8.8", "::10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::8.8.8.8"],
            false,
        );
        all(&["64:ff9b::8.8.8.8"], true);
    }

    #[test]
    fn addresses_of_the_internet_are_public() {
        all(&["8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1"], true);
        all(
            &["192.0.1.1", "223.255.255.255", "2606:4700:4700::1111", "2a00:1450::1", "2001:4860:4860::8888"],
            true,
        );
    }
}
