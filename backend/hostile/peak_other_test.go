//go:build !linux && !race

package hostile_test

import "testing"

// mustHaveStayedSmall says nothing here: other systems count in another way.
func mustHaveStayedSmall(*testing.T) {}
