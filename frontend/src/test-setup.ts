// What tests wait for comes at once, but not on a machine that is busy.
import { configure } from "@testing-library/react";

configure({ asyncUtilTimeout: 60_000 });
