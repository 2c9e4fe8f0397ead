package main_test

import (
	"os"
	"testing"

	"pie/backend/oauth/oauthtest"
)

func TestMain(m *testing.M) {
	oauthtest.Undisturbed()
	os.Exit(m.Run())
}
