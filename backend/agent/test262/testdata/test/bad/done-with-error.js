/*---
flags: [async]
---*/
$DONE(new Error("no"));
