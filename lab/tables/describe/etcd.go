package main

import (
	"flag"
	"strings"

	"cecf.local/tables/etcdmain"
	"github.com/spf13/pflag"
	etcdflags "go.etcd.io/etcd/pkg/v3/flags"
)

// etcdFlags describes the flags of etcd, but those that it takes for old times' sake and ignores.
func etcdFlags() table {
	known, deprecated := etcdmain.Flags()
	set := pflag.NewFlagSet("etcd", pflag.ContinueOnError)
	known.VisitAll(func(one *flag.Flag) {
		if _, ignored := one.Value.(*etcdflags.IgnoredFlag); ignored {
			return
		}
		set.AddGoFlag(one)
		if deprecated[one.Name] || saysDeprecated(one.Usage) {
			set.Lookup(one.Name).Deprecated = one.Usage
		}
	})
	return flags(set)
}

// saysDeprecated finds those that etcd's list of deprecated flags lacks.
func saysDeprecated(usage string) bool {
	now := strings.ReplaceAll(usage, "Will be deprecated", "")
	return strings.Contains(strings.ToLower(now), "deprecated")
}
