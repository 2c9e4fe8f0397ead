/*---
flags: [module]
---*/
import { n } from "./module_FIXTURE.js";
assert.sameValue(n, 7);
