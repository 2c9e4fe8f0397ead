import { describe, expect, it } from "vitest";
import { pickOf, scheduleOf, scheduleWords } from "./schedule";

describe("words of a schedule", () => {
  it.each([
    ["0 7 * * *", "Every day at 07:00"],
    ["30 6 * * 1-5", "Every weekday at 06:30"],
    ["5 18 * * 1", "Every Monday at 18:05"],
    ["0 9 * * 1,4", "Every Monday and Thursday at 09:00"],
    ["0 9 * * 7", "Every Sunday at 09:00"],
    ["*/15 * * * *", "Every 15 minutes"],
    ["*/1 * * * *", "Every minute"],
    ["* * * * *", "Every minute"],
    ["5 * * * *", "Every hour at 05 minutes past"],
    ["15m", "Every 15 minutes"],
    ["1h", "Every hour"],
    ["1h30m", "Every 1 hour and 30 minutes"],
    ["start", "When PIE Desktop starts"],
    ["when github is connected", "When github is connected"],
    ["", "No time is set yet"],
    ["0 0 1 * *", "At 0 0 1 * *"],
    ["0 9 * * MON", "On days MON of the week at 09:00"],
    ["99 7 * * *", "At 99 7 * * *"],
  ])("%s", (schedule, words) => expect(scheduleWords(schedule)).toBe(words));
});

it("says when something runs once", () => {
  expect(scheduleWords("at 2026-12-24T12:00:00Z")).toMatch(
    /^Once, Thursday, 24 December 2026, \d\d:\d\d$/,
  );
});

describe("a person's pick", () => {
  it.each(["0 7 * * *", "30 6 * * 1-5", "5 18 * * 1", "15m", "2h", "0 0 1 * *", "start"])(
    "comes back as it went in: %s",
    (schedule) => expect(scheduleOf(pickOf(schedule))).toEqual({ schedule }),
  );

  it("begins with every day where nothing is set", () => {
    expect(pickOf("")).toMatchObject({ kind: "day", time: "07:00" });
  });

  it.each([
    ["no time", { ...pickOf(""), time: "" }],
    ["an amount of zero", { ...pickOf("1h"), amount: "0" }],
    ["an amount in words", { ...pickOf("1h"), amount: "two" }],
    ["an empty expression", { ...pickOf("start"), text: " " }],
  ])("tells what is wrong: %s", (_, pick) => expect(scheduleOf(pick).error).toBeTruthy());
});
