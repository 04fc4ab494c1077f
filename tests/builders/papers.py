"""Certificates that nobody trusts, to sign with."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest


def write_papers(folder: Path) -> dict[str, Path]:
    """A certificate authority of our own, and a signer that it vouches for, in PEM files.

    Skips the test where the C2PA library is not installed.
    """
    pytest.importorskip(
        "c2pa", reason="c2pa is not installed: pip install 'smartcut-pipelines[c2pa]'"
    )
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    ours, theirs = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root, leaf = certificate("Root", ours, ours), certificate("Signer", theirs, ours)
    pem = serialization.Encoding.PEM
    key = theirs.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    found = {"root": root, "chain": leaf + root, "key": key, "alone": root}
    for name, data in found.items():
        (folder / f"{name}.pem").write_bytes(data)
    return {name: folder / f"{name}.pem" for name in found}


def certificate(name: str, key: Any, issuer: Any) -> bytes:
    """A certificate as C2PA asks for; that of an authority where the key is the issuer's."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    def named(text: str) -> x509.Name:
        pairs = ((NameOID.COMMON_NAME, text), (NameOID.ORGANIZATION_NAME, "Tests"))
        return x509.Name([x509.NameAttribute(*pair) for pair in pairs])

    authority, today = key is issuer, datetime.datetime.now(datetime.UTC)
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
         "encipher_only", "decipher_only"), False,
    )  # fmt: skip
    usage |= {"digital_signature": not authority, "key_cert_sign": authority, "crl_sign": authority}
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named("Root"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issued_by, critical=False)
    )
    if not authority:
        purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(purposes, critical=False)
    signed = builder.sign(issuer, hashes.SHA256())
    return bytes(signed.public_bytes(serialization.Encoding.PEM))
