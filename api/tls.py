"""HTTPS on the local network, for the phone in one's hand: a small authority of this installation,
and a certificate of it for this machine.

A browser keeps keys, works without a network and offers passkeys only where the page came by HTTPS
(or from the machine itself). A company has a certificate of its own and a proxy for it
(docs/https.md); for a trial the authority's root is installed on the phone once. It signs for names
and addresses of private networks only (RFC 5280, 4.2.1.10), so that whoever got hold of it could
pretend to be nobody else.
"""

import ipaddress
import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from flask import Flask, Response

from api import access
from engine.clock import system_clock

ROOT_DAYS = 3650
SERVER_DAYS = 397
"""What browsers accept at most of an authority that a person installed."""
RENEWED_BEFORE = timedelta(days=30)
_PRIVATE = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
)
_NAMES = ("localhost", "local", "lan", "internal", "home.arpa")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """Files for a server: its certificate with the root behind it, its key; the root alone."""

    certificate: Path
    key: Path
    root: Path


def certificates(folder: Path, address: str, now: datetime | None = None) -> Certificates:
    """Give a certificate for this machine at `address` (an IP or a name), made where there is none
    that will hold for a month; the authority is made at the first time."""
    folder.mkdir(parents=True, exist_ok=True)
    at = now or system_clock()
    root, root_key = _authority(folder, address, at)
    found = Certificates(
        certificate=folder / "server.pem", key=folder / "server.key", root=folder / "authority.crt"
    )
    if not _still_holds(found.certificate, root, address, at):
        key = generate_private_key(SECP256R1())
        made = _server_certificate(root, root_key, key, address, at)
        _write(found.key, _private(key))
        chain = made.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM)
        _write(found.certificate, chain)
    return found


def own_address() -> str:
    """Give this machine's address on its network, as the system would send from; nothing is sent.
    Without a network: 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address that is nobody's (RFC 5737)
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def offer_root(app: Flask, root: Path) -> None:
    """Let anybody around take the authority's root, which holds nothing secret."""

    @app.route("/authority.crt")
    @access.public
    def authority() -> Response:
        return Response(root.read_bytes(), mimetype="application/x-x509-ca-cert")


def fingerprint(certificate: Path) -> str:
    """Give the SHA-256 by which a person recognises a certificate, in groups of four."""
    found = x509.load_pem_x509_certificate(certificate.read_bytes())
    digits = found.fingerprint(SHA256()).hex()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def _authority(
    folder: Path, address: str, at: datetime
) -> tuple[x509.Certificate, EllipticCurvePrivateKey]:
    """Give the authority; made anew where this machine has an address that it may not vouch for."""
    certificate, key = folder / "authority.crt", folder / "authority.key"
    if certificate.exists() and key.exists():
        held = load_pem_private_key(key.read_bytes(), password=None)
        assert isinstance(held, EllipticCurvePrivateKey)  # made below
        known = x509.load_pem_x509_certificate(certificate.read_bytes())
        if _may_vouch(known, address):
            return known, held
    made = generate_private_key(SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"Countersign {socket.gethostname()}"[:64]),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Countersign local authority"),
        ]
    )
    permitted = [
        *(x509.IPAddress(ipaddress.ip_network(each)) for each in (*_PRIVATE, *_own(address))),
        *(x509.DNSName(each) for each in (*_NAMES, socket.gethostname())),
    ]
    root = (
        _begun(name, name, made, at, ROOT_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(made.public_key()), critical=False)
        .sign(made, SHA256())
    )
    _write(key, _private(made))
    certificate.write_bytes(root.public_bytes(Encoding.PEM))
    return root, made


def _own(address: str) -> list[str]:
    """Give the machine's own address where it is no private one: that one alone is vouched for."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return []
    inside = any(found in ipaddress.ip_network(each) for each in _PRIVATE)
    return [] if inside else [str(found)]


def _may_vouch(root: x509.Certificate, address: str) -> bool:
    constraints = root.extensions.get_extension_for_class(x509.NameConstraints).value
    permitted = constraints.permitted_subtrees or []
    asked = _named(address)
    if isinstance(asked, x509.DNSName):
        return True  # a name outside is refused by whoever verifies, and needs no other authority
    networks = [each.value for each in permitted if isinstance(each, x509.IPAddress)]
    found = ipaddress.ip_address(address)
    return any(found in ipaddress.ip_network(str(each)) for each in networks)


def _server_certificate(
    root: x509.Certificate,
    root_key: EllipticCurvePrivateKey,
    key: EllipticCurvePrivateKey,
    address: str,
    at: datetime,
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address[:64])])
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    return (
        _begun(name, root.subject, key, at, SERVER_DAYS)
        .add_extension(x509.SubjectAlternativeName(_names(address)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(identifier, critical=False)
        .sign(root_key, SHA256())
    )


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    key: EllipticCurvePrivateKey,
    at: datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(hours=1))  # phones' clocks are late now and then
        .not_valid_after(at + timedelta(days=days))
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _names(address: str) -> list[x509.GeneralName]:
    """Give the names that a server is reached by: its address, and the machine's own."""
    loopback = ipaddress.ip_address("127.0.0.1")
    own: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(loopback)]
    return [_named(address), *(each for each in own if each != _named(address))]


def _named(address: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(address))
    except ValueError:
        return x509.DNSName(address)


def _still_holds(path: Path, root: x509.Certificate, address: str, at: datetime) -> bool:
    if not path.exists():
        return False
    made = x509.load_pem_x509_certificate(path.read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    holds = made.not_valid_after_utc - RENEWED_BEFORE > at
    return holds and made.issuer == root.subject and _named(address) in list(names)


def _private(key: EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes) -> None:
    """Write what only its owner may read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
