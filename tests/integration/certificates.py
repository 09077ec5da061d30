"""A certificate authority that exists as long as the test."""
import base64
import hashlib
import itertools

CONFIG = """[ca]
default_ca = own
[own]
dir = {folder}
database = {folder}/index
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = anything
unique_subject = no
[anything]
commonName = supplied
[leaf]
basicConstraints = critical,CA:FALSE
subjectAltName = {names}
"""
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


class Authority:
    """`ca` is the path of its certificate."""
    _numbers = itertools.count()

    def __init__(self, lab, name="authority"):
        self.lab = lab
        self.folder = lab.folder / name
        self.folder.mkdir()
        (self.folder / "index").touch()
        self.ca, self.key = self.folder / "ca.pem", self.folder / "ca.key"
        lab.run(["openssl", "req", "-x509", *KEY, "-days", "2", "-subj", f"/CN={name}", "-keyout", self.key, "-out", self.ca])

    def issue(self, names, begin=None, end=None):
        """Returns (key file, certificate file) for `names`, e.g. "DNS:host.example"; the times are
        YYYYMMDDHHMMSSZ."""
        base = self.folder / f"leaf{next(self._numbers)}"
        conf = self.lab.file(base.with_suffix(".conf"), CONFIG.format(folder=self.folder, names=names))
        key, request, certificate = (base.with_suffix(suffix) for suffix in (".key", ".csr", ".pem"))
        self.lab.run(["openssl", "req", "-new", *KEY, "-subj", "/CN=leaf", "-keyout", key, "-out", request])
        validity = ["-startdate", begin, "-enddate", end] if begin else ["-days", 2]
        self.lab.run(["openssl", "ca", "-batch", "-notext", "-config", conf, "-cert", self.ca, "-keyfile", self.key, "-in", request,
                      "-out", certificate, "-extensions", "leaf", *validity])
        return key, certificate


def pin_of(lab, certificate):
    """The pin of RFC 7858 §4.2 in curl's format: SHA-256 of the SubjectPublicKeyInfo."""
    text, der = lab.folder / "pin.pub", lab.folder / "pin.der"
    lab.run(["openssl", "x509", "-in", certificate, "-pubkey", "-noout", "-out", text])
    lab.run(["openssl", "pkey", "-pubin", "-in", text, "-outform", "DER", "-out", der])
    return "sha256//" + base64.b64encode(hashlib.sha256(der.read_bytes()).digest()).decode()
