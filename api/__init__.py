"""The HTTP that every wire format shares."""

VERSION = "0.1.0"
