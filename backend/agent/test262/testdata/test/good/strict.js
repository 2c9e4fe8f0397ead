/*---
flags: [onlyStrict]
---*/
assert.throws(ReferenceError, function () { undeclaredName = 1; });
