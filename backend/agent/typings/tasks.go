package typings

func taskCalls() []Member {
	return []Member{
		{"create", "(task: TaskOptions & { name: string }) => Promise<Task>", "Plans a run; rejects with code limited beyond 100 tasks."},
		{"list", "() => Promise<Task[]>", "What is still to come, the oldest first. What ran once is not among it."},
		{"get", "(id: string) => Promise<Task>", "Rejects with code not_found for what has run or was canceled."},
		{"update", "(id: string, changes: TaskOptions) => Promise<Task>", "Changes what is named."},
		{"cancel", "(id: string) => Promise<void>", "A run under way goes on to its end."},
	}
}

func taskOptions() []Member {
	return []Member{
		{"name?", "string", "One line that tells the person what it is for."},
		{"at?", "Date | string | number", "Once: a Date, ISO 8601 (without an offset on the clock of zone), or milliseconds. Of at, in, every and cron there is one."},
		{"in?", "string | number", "Once: such as '15m', or seconds; a minute at least."},
		{"every?", "string | number", "Again and again: such as '2h', or seconds; a minute at least."},
		{"cron?", "string", "Again and again: minute, hour, day, month, day of the week."},
		{"zone?", "string", "IANA name; the person's own when it is missing."},
		{"input?", "object | null", "What the function gets, up to 64 KB. Beside it stand triggeredBy ('task'), taskId, taskName and scheduledFor."},
		{"function?", "'handler' | 'onConnect' | 'onWebhook' | 'onPluginEvent'", "handler when it is missing."},
		{"missed?", "'once' | 'skip' | 'all'", "Of times that passed while the computer slept: one run for all (when missing), none, or each of the last day."},
		{"overlap?", "'skip' | 'queue'", "When the run before still goes on: skip when missing."},
	}
}

func taskMembers() []Member {
	return []Member{
		{"id", "string", ""},
		{"name", "string", ""},
		{"kind", "'once' | 'interval' | 'cron'", ""},
		{"at", "string | null", "An ISO 8601 date."},
		{"every", "string | null", "Such as 15m."},
		{"cron", "string | null", ""},
		{"zone", "string", ""},
		{"function", "string", ""},
		{"input", "any", ""},
		{"missed", "string", ""},
		{"overlap", "string", ""},
		{"status", "'scheduled' | 'waiting' | 'off' | 'running' | 'held'", "waiting until the person turns on what the agent plans; held until the person decides."},
		{"nextRun", "string | null", "An ISO 8601 date."},
		{"lastRun", "{ due: string; status: string } | null", "null until it ran."},
		{"createdAt", "string", ""},
		{"updatedAt", "string", ""},
		{"dryRun?", "boolean", "true in a dry run and beside the practice service: nothing was planned."},
	}
}
