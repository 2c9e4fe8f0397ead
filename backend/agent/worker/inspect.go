package worker

import (
	"errors"
	"reflect"
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/token"

	"pie/backend/agent/wire"
)

// inspection reads a program for what works badly or not at all here.
type inspection struct {
	file     *file.File
	job      wire.Job
	texts    map[string]bool // names that hold a text from the start
	growing  []growing       // += in loops
	findings []wire.Finding
}

type growing struct {
	name string
	text bool // the right side is one for sure
	at   file.Idx
}

// node is a part of the tree that waits to be read.
type node struct {
	value  reflect.Value
	inLoop bool
}

// inspectTree returns what it finds in the author's own files. It descends
// without recursion: a stranger's tree may be deep.
func inspectTree(program *ast.Program, job wire.Job) []wire.Finding {
	in := &inspection{file: program.File, job: job, texts: map[string]bool{}, findings: []wire.Finding{}}
	seen := map[uintptr]bool{}
	waiting := []node{{reflect.ValueOf(program.Body), false}}
	for len(waiting) > 0 {
		n := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		switch n.value.Kind() { //nolint:exhaustive // only these lead further down
		case reflect.Interface:
			waiting = append(waiting, node{n.value.Elem(), n.inLoop})
		case reflect.Pointer:
			if n.value.IsNil() || seen[n.value.Pointer()] || n.value.Type().Elem().PkgPath() != reflect.TypeFor[ast.Program]().PkgPath() {
				continue
			}
			seen[n.value.Pointer()] = true
			in.visit(n.value.Interface(), n.inLoop)
			waiting = append(waiting, node{n.value.Elem(), n.inLoop || isLoop(n.value.Interface())})
		case reflect.Slice:
			for i := range n.value.Len() {
				waiting = append(waiting, node{n.value.Index(i), n.inLoop})
			}
		case reflect.Struct:
			for i := range n.value.NumField() {
				if n.value.Type().Field(i).IsExported() {
					waiting = append(waiting, node{n.value.Field(i), n.inLoop})
				}
			}
		}
	}
	in.grown()
	return in.findings
}

func isLoop(n any) bool {
	switch n := n.(type) {
	case *ast.ForStatement, *ast.ForInStatement, *ast.ForOfStatement, *ast.WhileStatement, *ast.DoWhileStatement:
		return true
	case *ast.CallExpression:
		dot, ok := n.Callee.(*ast.DotExpression)
		return ok && dot.Identifier.Name == "forEach"
	}
	return false
}

func (in *inspection) visit(n any, inLoop bool) {
	switch n := n.(type) {
	case *ast.Binding:
		if name, ok := n.Target.(*ast.Identifier); ok && isText(n.Initializer) {
			in.texts[name.Name.String()] = true
		}
	case *ast.AssignExpression:
		name, ok := n.Left.(*ast.Identifier)
		if ok && inLoop && n.Operator == token.PLUS {
			in.growing = append(in.growing, growing{name.Name.String(), isText(n.Right), n.Left.Idx0()})
		}
	case *ast.RegExpLiteral:
		in.flags(n.Idx, n.Flags)
	case *ast.CallExpression:
		in.call(n)
	case *ast.NewExpression:
		in.construct(n)
	}
}

func (in *inspection) call(n *ast.CallExpression) {
	name, ok := n.Callee.(*ast.Identifier)
	if !ok {
		return
	}
	switch name.Name {
	case "eval":
		in.dynamic(n.Idx0())
	case "require":
		in.add(n.Idx0(), wire.LevelWarning, "require", "require finds nothing here while the agent runs.",
			"Name a file of the package by a text, such as require('./lib.js').")
	}
}

func (in *inspection) construct(n *ast.NewExpression) {
	name, ok := n.Callee.(*ast.Identifier)
	switch {
	case !ok:
	case name.Name == "Function":
		in.dynamic(n.Idx0())
	case name.Name == "RegExp" && len(n.ArgumentList) > 1:
		if flags, ok := n.ArgumentList[1].(*ast.StringLiteral); ok {
			in.flags(n.Idx0(), flags.Value.String())
		}
	}
}

func (in *inspection) flags(at file.Idx, flags string) {
	if strings.ContainsAny(flags, "dv") {
		in.add(at, wire.LevelError, "regexp-flags", "The flags d and v of patterns are not supported.", "Write the pattern without them; u is supported.")
	}
}

func (in *inspection) dynamic(at file.Idx) {
	in.add(at, wire.LevelWarning, "eval", "Code is made while the agent runs, so reading it does not tell all that it does.", "Write the code out instead of eval or new Function.")
}

// grown reports texts that grow in loops: each step copies what there is.
func (in *inspection) grown() {
	for _, g := range in.growing {
		if g.text || in.texts[g.name] {
			in.add(g.at, wire.LevelWarning, "growing-text", "The text "+g.name+" grows by += in a loop, which takes long from about 10,000 steps on.",
				"Collect the parts in an array and join them at the end.")
		}
	}
}

func (in *inspection) add(at file.Idx, level, code, message, fix string) {
	const most = 200
	position := in.file.Position(int(at) - in.file.Base())
	if strings.Contains(position.Filename, "node_modules/") || len(in.findings) >= most {
		return
	}
	in.findings = append(in.findings, wire.Finding{
		File: position.Filename, Line: position.Line, Column: column(in.job, position.Line, position.Column),
		Level: level, Code: code, Message: message, Fix: fix,
	})
}

func isText(n ast.Expression) bool {
	for range 50 {
		switch e := n.(type) {
		case *ast.StringLiteral, *ast.TemplateLiteral:
			return true
		case *ast.BinaryExpression:
			if e.Operator != token.PLUS {
				return false
			}
			if isText(e.Right) {
				return true
			}
			n = e.Left
		default:
			return false
		}
	}
	return false
}

// placed makes a finding of what parse refused.
func placed(err error, file string) wire.Finding {
	f := wire.Finding{File: file, Code: "unsupported", Message: err.Error(), Fix: "Write it in another way."}
	if own, ok := errors.AsType[scriptError](err); ok {
		f.Message = own.message
		if own.at != nil {
			f.File, f.Line, f.Column, f.Message = own.at.File, own.at.Line, own.at.Column, own.at.Message
		}
	}
	return f
}
