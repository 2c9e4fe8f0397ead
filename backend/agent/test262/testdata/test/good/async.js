/*---
flags: [async]
---*/
Promise.resolve(1).then(function (n) { assert.sameValue(n, 1); }).then($DONE, $DONE);
