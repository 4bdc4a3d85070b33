package main

import (
	"encoding/csv"
	"encoding/json"
	"strings"

	"github.com/spf13/pflag"
)

// types are the names of pflag, of Kubernetes and of etcd for what is no text. A flag of any other type takes text.
var types = map[string]string{
	"bool":          "boolean",
	"int":           "integer",
	"int32":         "integer",
	"int64":         "integer",
	"uint":          "integer",
	"uint32":        "integer",
	"uint64":        "integer",
	"Level":         "integer",
	"float32":       "number",
	"float64":       "number",
	"duration":      "duration",
	"quantity":      "quantity",
	"stringSlice":   "list<string>",
	"stringArray":   "list<string>",
	"int32Slice":    "list<integer>",
	"Strings":       "list<string>",
	"UniqueStrings": "list<string>",
	"UniqueURLs":    "list<string>",
}

// flags describes all flags, hidden ones too, but those that only print something and end.
func flags(set *pflag.FlagSet) table {
	described := table{}
	set.VisitAll(func(flag *pflag.Flag) {
		if flag.Name == "help" || flag.Name == "version" {
			return
		}
		kind := types[flag.Value.Type()]
		if kind == "" {
			kind = "string"
		}
		described[flag.Name] = entry{
			Type:       kind,
			Default:    parsed(kind, flag.DefValue),
			Deprecated: flag.Deprecated != "" || strings.HasPrefix(strings.ToUpper(flag.Usage), "DEPRECATED"),
		}
	})
	return described
}

// parsed returns a default as JSON has it, or nothing where it is empty.
func parsed(kind, text string) any {
	if text == "" || text == "[]" || text == "<nil>" {
		return nil
	}
	switch kind {
	case "boolean", "integer", "number", "list<integer>":
		return json.RawMessage(text)
	case "list<string>":
		items, err := csv.NewReader(strings.NewReader(strings.Trim(text, "[]"))).Read()
		if err != nil {
			panic(err)
		}
		return items
	}
	return text
}
