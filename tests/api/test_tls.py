"""HTTPS on the local network: an authority that vouches for private addresses only."""

import ipaddress
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from api.tls import SERVER_DAYS, certificates, fingerprint, own_address
from tests.command_line import ROOT, command, environment

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_the_certificate_is_the_authoritys_and_names_this_machine(tmp_path: Path) -> None:
    made = certificates(tmp_path, "192.168.1.20", NOW)
    root = x509.load_pem_x509_certificate(made.root.read_bytes())
    server = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    verifier = (
        PolicyBuilder()
        .store(Store([root]))
        .time(NOW + timedelta(days=1))
        .build_server_verifier(x509.IPAddress(ipaddress.ip_address("192.168.1.20")))
    )
    assert verifier.verify(server, [])[0] == server
    assert made.key.stat().st_mode & 0o077 == 0
    assert fingerprint(made.root).replace(" ", "") == root.fingerprint(SHA256()).hex()


def test_it_is_kept_while_it_holds_and_made_anew_for_another_address(tmp_path: Path) -> None:
    first = certificates(tmp_path, "192.168.1.20", NOW).certificate.read_bytes()
    assert certificates(tmp_path, "192.168.1.20", NOW).certificate.read_bytes() == first
    root = (tmp_path / "authority.crt").read_bytes()
    assert certificates(tmp_path, "192.168.1.21", NOW).certificate.read_bytes() != first
    later = NOW + timedelta(days=SERVER_DAYS - 10)
    second = (tmp_path / "server.pem").read_bytes()
    assert certificates(tmp_path, "192.168.1.21", later).certificate.read_bytes() != second
    assert (tmp_path / "authority.crt").read_bytes() == root


def test_the_authority_cannot_vouch_for_others(tmp_path: Path) -> None:
    made = certificates(tmp_path, "bank.example.com", NOW)
    root = x509.load_pem_x509_certificate(made.root.read_bytes())
    server = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    builder = PolicyBuilder().store(Store([root])).time(NOW + timedelta(days=1))
    with pytest.raises(VerificationError):
        builder.build_server_verifier(x509.DNSName("bank.example.com")).verify(server, [])


def test_the_server_speaks_https_and_gives_its_root(tmp_path: Path) -> None:
    """`countersign serve --tls`, as `make run TLS=1` calls it, met by a client that trusts it."""
    address = own_address()
    with socket.socket() as probe:
        probe.bind(("", 0))
        port = probe.getsockname()[1]
    asked = command("serve", "--tls", "--port", str(port))
    with subprocess.Popen(
        asked, cwd=ROOT, env=environment(tmp_path), stdout=subprocess.DEVNULL
    ) as server:
        try:
            root = tmp_path / "tls" / "authority.crt"
            link = f"https://{address}:{port}/authority.crt"
            got = _fetched(link, root)
            assert got == root.read_bytes()
            session = _fetched(f"https://{address}:{port}/api/session", root)
            assert b"csrf" in session
        finally:
            server.terminate()
            server.wait(timeout=20)


def _fetched(link: str, root: Path) -> bytes:
    """Ask until the server is up."""
    for _ in range(120):
        if root.exists():
            trusting = ssl.create_default_context(cafile=str(root))
            try:
                with urllib.request.urlopen(link, context=trusting, timeout=5) as answer:  # noqa: S310
                    found: bytes = answer.read()
                    return found
            except urllib.error.HTTPError as refused:
                return refused.read()
            except OSError:
                pass
        time.sleep(0.5)
    message = "the server did not come up"
    raise AssertionError(message)
