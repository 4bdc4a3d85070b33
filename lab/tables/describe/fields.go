package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	logs "k8s.io/component-base/logs/api/v1"
)

// written are the structs that JSON holds as one value.
var written = map[reflect.Type]string{
	reflect.TypeFor[metav1.Duration]():         "duration",
	reflect.TypeFor[logs.TimeOrMetaDuration](): "duration",
	reflect.TypeFor[metav1.Time]():             "time",
	reflect.TypeFor[resource.Quantity]():       "quantity",
	reflect.TypeFor[resource.QuantityValue]():  "quantity",
}

// fields describes a kind of configuration. Its defaults are what the component makes of an empty document.
func fields(scheme *runtime.Scheme, empty runtime.Object) table {
	scheme.Default(empty)
	described := table{}
	value := reflect.ValueOf(empty).Elem()
	described.add("", value.Type(), value)
	return described
}

// add adds the fields of a struct, and those of structs in it under dotted names. Where a pointer to a struct is nil,
// the value is the invalid one, and nothing has a default.
func (described table) add(prefix string, kind reflect.Type, value reflect.Value) {
	for i := range kind.NumField() {
		field := kind.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		inner, innerValue := field.Type, reflect.Value{}
		if value.IsValid() {
			innerValue = value.Field(i)
		}
		if inner.Kind() == reflect.Pointer {
			inner, innerValue = inner.Elem(), pointedAt(innerValue)
		}
		switch {
		case name == "-" || inner == reflect.TypeFor[metav1.TypeMeta]():
		case options == "inline":
			described.add(prefix, inner, innerValue)
		case inner.Kind() == reflect.Struct && written[inner] == "":
			described.add(prefix+name+".", inner, innerValue)
		default:
			described[prefix+name] = entry{Type: typeOf(inner), Default: defaultOf(innerValue)}
		}
	}
}

func pointedAt(pointer reflect.Value) reflect.Value {
	if !pointer.IsValid() {
		return pointer
	}
	return pointer.Elem()
}

// typeOf names what a person writes for a Go type. An object is one that nobody looked into.
func typeOf(kind reflect.Type) string {
	if name := written[kind]; name != "" {
		return name
	}
	switch kind.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "integer"
	case reflect.Float32, reflect.Float64:
		return "number"
	case reflect.String:
		return "string"
	case reflect.Slice:
		return fmt.Sprintf("list<%s>", typeOf(kind.Elem()))
	case reflect.Map:
		if kind.Elem().Kind() != reflect.Slice {
			return fmt.Sprintf("map<%s>", typeOf(kind.Elem()))
		}
	}
	return "object"
}

// defaultOf returns a value as JSON has it, or nothing where it is empty.
func defaultOf(value reflect.Value) any {
	if !value.IsValid() {
		return nil
	}
	text, err := json.Marshal(value.Interface())
	if err != nil {
		panic(err)
	}
	switch string(text) {
	case `null`, `""`, `[]`, `{}`:
		return nil
	}
	return json.RawMessage(text)
}
