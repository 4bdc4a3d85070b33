// Package etcdmain is etcd's own of this name with one function more: etcd shows its flags to nobody.
// `python -m lab.tables` copies the other files of it from etcd's module.
package etcdmain

import "flag"

// Flags returns the flags of etcd, and which of them it calls deprecated.
func Flags() (*flag.FlagSet, map[string]bool) {
	return newConfig().cf.flagSet, keys(deprecatedFlags)
}

// keys takes a map of any values, since releases differ in them.
func keys[value any](of map[string]value) map[string]bool {
	found := map[string]bool{}
	for key := range of {
		found[key] = true
	}
	return found
}
