"""Rows against a Frictionless Table Schema, at the speed of a database and with Frictionless' own verdicts.

`docs/validation.md` tells how. The way of a table: `resource` opens it, `traps` looks at its schema; `scanning`,
`predicates`, `columns` and `compiled` prove rows clean in SQL; `judging` and `reading` judge the others with
Frictionless' readers; `outcome`, `quarantine` and `report` hold what comes of it. Imports nothing of the engine but
`specs` and `errors`.
"""

from pipelines.validation.packages import package_descriptor, package_schemas, validate_package
from pipelines.validation.report import Error, Report
from pipelines.validation.validating import Options, validate

__all__ = ["Error", "Options", "Report", "package_descriptor", "package_schemas", "validate", "validate_package"]
