"""Values that attackers put where a name, an address, a subject or an order number belongs."""

from base64 import b64encode
from itertools import product

LINE_ENDS = [
    "\r\n",
    "\n",
    "\r",
    "\r\n ",
    "\n\t",
    "\r\n\r\n",
    "\n\n",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x85",
    "\u2028",
    "\u2029",
    "\x00",
    "\x00\r\n",
    "\x08\r\n",
    "\u200b\n",
    "\r\n.\r\n",
]
SMUGGLED = [
    "Bcc: evil@x.example",
    "To: evil@x.example",
    "Content-Type: text/html",
    "Reply-To: evil@x.example",
    "RCPT TO:<evil@x.example>",
]
AFTER_A_LINE_END = [f"A-17{end}{line}" for end, line in product(LINE_ENDS, SMUGGLED)]

_BCC = "A\r\nBcc: evil@x.example"
ENCODED = [
    "=?utf-8?q?A=0D=0ABcc=3A_evil=40x=2Eexample?=",
    "=?UTF-8?Q?A=0D=0ABcc=3A_evil=40x=2Eexample?=",
    "=?iso-8859-1?q?A=0ABcc=3A_evil=40x=2Eexample?=",
    "=?utf-8*en?q?A=0D=0ABcc=3A_evil=40x=2Eexample?=",
    "=?utf-7?q?A+AA0ACg-Bcc:_evil@x.example?=",
    f"=?utf-8?b?{b64encode(_BCC.encode()).decode()}?=",
    f"=?utf-16?b?{b64encode(_BCC.encode('utf-16')).decode()}?=",
    f"Ada =?utf-8?b?{b64encode(_BCC.encode()).decode()}?= Lovelace",
    "=?utf-8?q?=3D=3Futf-8=3Fq=3FA=3D0ABcc=3A?=",
    "=?utf-8?q?A?= =?utf-8?q?=0D=0ABcc=3A_evil=40x=2Eexample?=",
    "=?utf-8?q?A=0D=0A=0D=0A<b>body</b>?=",
    "=?unknown?q?A=0ABcc=3A_evil=40x=2Eexample?=",
    "=?utf-8?q?unfinished",
]
HIDDEN = [
    "A\u202e71-A",
    "A\u200b17",
    "A\ufeff17",
    "A\u2066x\u2069",
    "A\x7f17",
    "A\x9b17",
    "A\ud80017",
    "A\ue00017",
    "A\U000e0041",
]
REFUSED_EVERYWHERE = AFTER_A_LINE_END + ENCODED + HIDDEN

HARMLESS = [
    "A-17%0d%0aBcc: evil@x.example",
    "A-17\\r\\nBcc: evil@x.example",
    "A-17\u560a\u560dBcc: x",
    "Bcc: evil@x.example",
]
"""Look like an attack and are only odd values: shown as they are."""

ADDRESSES = [
    "ada@example.org,evil@x.example",
    "ada@example.org;evil@x.example",
    "ada@example.org evil@x.example",
    "Ada <ada@example.org>",
    "<ada@example.org>",
    "ada@example.org>",
    "ada@example.org> RCPT TO:<evil@x.example",
    '"a b"@example.org',
    '"ada"@example.org',
    "ada(comment)@example.org",
    "ada@example.org (Ada)",
    "friends: evil@x.example;",
    "undisclosed-recipients:;",
    "@x.example:ada@example.org",
    "ada@[127.0.0.1]",
    "ada@example..org",
    ".ada@example.org",
    "ada.@example.org",
    "a..a@example.org",
    "ada@example.org SIZE=1",
    "ada@evil@example.org",
    "ädä@example.org",
    "ada@exämple.org",
    "ada@example\u3002org",
    "ada@-example.org",
    "ada@example-.org",
    "ada",
    "@example.org",
    "ada@",
    "",
    " ",
    " ada@example.org",
    "ada@example.org ",
    "a" * 65 + "@example.org",
    "ada@" + "a" * 64 + ".org",
    "ada@" + ".".join(["a" * 60] * 5),
    "ada\\@example.org",
    "ada@example.org\\",
    "ada@exam ple.org",
    "ada@example.org.",
    "ada@example_org",
    "postmaster",
    "ada:b@example.org",
    "ada[x]@example.org",
    "|mail@example.org>x",
    "ada@example.org/../x",
]
