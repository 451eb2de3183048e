"""What can be wrong with an input.

DocumentUnreadable   (of scenarios.errors)
├── NotADocument     the file is not what its ending says, or cannot be read
└── NoScenario       the file can be read but names no scenario
"""

from scenarios.errors import DocumentUnreadable


class NotADocument(DocumentUnreadable):
    """The file is missing, empty, corrupt, encrypted, unsafe or of another kind."""


class NoScenario(DocumentUnreadable):
    """The file holds no table, heading or row that names a scenario."""
