// Counts the words of an event's data.text.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// No retry can mend it: the event is dead at once. 75 would be "later, please", any other number
// "failed", which is retried.
const permanent = 65

// The event comes on stdin as CloudEvents JSON.
type event struct {
	Data struct {
		Text *string `json:"text"`
	} `json:"data"`
}

type result struct {
	Words int `json:"words"`
}

func main() {
	var e event
	if err := json.NewDecoder(os.Stdin).Decode(&e); err != nil {
		fail(err)
	}
	if e.Data.Text == nil {
		fail("data.text is not there")
	}
	words := len(strings.Fields(*e.Data.Text))
	if err := json.NewEncoder(os.Stdout).Encode(result{Words: words}); err != nil {
		panic(err)
	}
}

func fail(reason any) {
	fmt.Fprintln(os.Stderr, reason)
	os.Exit(permanent)
}
