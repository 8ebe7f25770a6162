"""What every mail server connection has in common: how it is encrypted, and how its failures read."""

from __future__ import annotations

import socket
import ssl
from enum import StrEnum


class Encryption(StrEnum):
    """How a connection is protected. `PLAIN` sends passwords in the clear and is never a default."""

    TLS = "tls"
    STARTTLS = "starttls"
    PLAIN = "plain"


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Verifies the server's certificate and its name; `ca_file` adds a company's own authority."""
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


# OpenSSL's X509_V_ERR_*: https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/
_CERTIFICATE_TROUBLE = {
    9: "is not valid yet. Check this machine's clock and the server's certificate.",
    10: "has expired. The server's operator must renew it.",
    18: "is signed by nobody but itself. Add it as a trusted authority, or have the server use a public one.",
    19: "comes from an authority this machine does not know. Add that authority to the channel.",
    20: "comes from an authority this machine does not know. Add that authority to the channel.",
    21: "comes from an authority this machine does not know. Add that authority to the channel.",
    62: "was made for another name. Use the name that the certificate carries.",
    64: "was made for another address. Use the name that the certificate carries.",
}


def explain_connection(error: BaseException, host: str, port: int) -> str | None:
    """A sentence on why `host:port` could not be reached or trusted; None for an error of another kind."""
    where = f"{host}:{port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        fallback = f"could not be verified ({error.verify_message})."
        return f"The certificate of {where} {_CERTIFICATE_TROUBLE.get(error.verify_code, fallback)}"
    if isinstance(error, ssl.SSLError):
        return f"{where} speaks no TLS we accept ({error.reason}). Check the port and the encryption."
    if isinstance(error, socket.gaierror):
        return f"The host {host!r} is unknown. Check its spelling, and that this machine can look names up."
    if isinstance(error, ConnectionRefusedError):
        return f"Nothing listens at {where}. Check the port, and that the server runs."
    if isinstance(error, TimeoutError):
        return f"{where} did not answer in time. A firewall may be in the way, or the server is overloaded."
    if isinstance(error, OSError):
        return f"The connection to {where} broke: {error.strerror or error}."
    return None


def is_certificate_trouble(error: BaseException) -> bool:
    """Whether trying again cannot help until an operator changes something about TLS."""
    return isinstance(error, ssl.SSLCertVerificationError)
