package backend

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"pie/backend/quiet"
)

const mostSummed = 5 // agents that a summary names

// wantsQuiet tells whether the person wants no notifications at the moment.
func (b *Backend) wantsQuiet(now time.Time) bool {
	place, err := time.LoadLocation(b.options.Env.TimeZone)
	if err != nil {
		place = time.UTC
	}
	return b.Settings().Quiet(now.In(place))
}

// wasQuiet shows in one notification what was not shown in quiet hours. The watch
// that calls it ends with what else is tended.
func (b *Backend) wasQuiet(sum quiet.Sum) {
	text := b.summary(sum)
	b.tending.Go(func() { b.showNow(b.life, "While it was quiet", text) })
}

// summary names agents with how much each told, the most first, and no word of
// what they told: it may be shown on a locked screen.
func (b *Backend) summary(sum quiet.Sum) string {
	agents := slices.SortedFunc(maps.Keys(sum.Agents), func(x, y string) int {
		return cmp.Or(sum.Agents[y]-sum.Agents[x], cmp.Compare(x, y))
	})
	parts, rest := []string{}, 0
	for i, agent := range agents {
		if i < mostSummed {
			parts = append(parts, fmt.Sprintf("%d from %s", sum.Agents[agent], b.nameOf(agent)))
		} else {
			rest += sum.Agents[agent]
		}
	}
	if rest > 0 {
		parts = append(parts, fmt.Sprintf("%d from others", rest))
	}
	text := "Messages: " + strings.Join(parts, ", ") + ". They stand in the inbox."
	if sum.Lost > 0 {
		text += fmt.Sprintf(" %d could not be kept there, for the vault is locked; see pie automation catchup.", sum.Lost)
	}
	return text
}

// nameOf is what an agent is called for a person.
func (b *Backend) nameOf(agent string) string {
	if p, _, err := b.Agents.Get(agent); err == nil && p.DisplayName != "" {
		return p.DisplayName
	}
	return agent
}
