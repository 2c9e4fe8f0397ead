package system

import (
	"encoding/xml"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"pie/backend/fault"
	"pie/backend/paths"
)

// Service is what starts the program without a window when the person logs in.
type Service struct {
	Installed bool   `json:"installed"`
	Path      string `json:"path"` // of the file that says so
	Ours      bool   `json:"ours"` // it starts this program, for this home
	Hint      string `json:"hint"` // what is still to be done by hand, "" for nothing
}

const serviceName = paths.AppID

// ServiceFile is the file of the platform that starts the program at log-in:
// windowless as "pie background", or with its window.
type ServiceFile struct {
	Path string
	Text string
}

// unit is a systemd user unit (systemd.service).
func unit(o Options) string {
	text := "[Unit]\nDescription=PIE Desktop runs automations\nAfter=graphical-session.target\n\n" +
		"[Service]\nType=exec\nExecStart=" + unitStart(o.Executable) + "\nRestart=on-failure\nRestartSec=30\nKillSignal=SIGINT\n"
	if o.Home != "" {
		text += "Environment=" + unitWord("PIE_HOME="+o.Home) + "\n"
	}
	return text + "\n[Install]\nWantedBy=default.target\n"
}

// unitStart is the command line of a unit. The name of a program is taken as it
// stands, but for specifiers, and must hold neither quotes nor backslashes: a shell
// starts one that does, as an argument, in which variables have to be hidden too.
func unitStart(program string) string {
	if strings.ContainsAny(program, "\"'\\") {
		return `/bin/sh -c "exec \"$$0\" background" ` + strings.ReplaceAll(unitWord(program), "$", "$$")
	}
	return unitWord(program) + " background"
}

// unitWord writes one word of a unit file: quoted, with specifiers taken as they stand.
func unitWord(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`).Replace(text) + `"`
}

// launchAgent is a property list of launchd (launchd.plist).
func launchAgent(o Options) string {
	text := "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n" +
		"<plist version=\"1.0\">\n<dict>\n\t<key>Label</key><string>" + serviceName + "</string>\n" +
		"\t<key>ProgramArguments</key>\n\t<array><string>" + inXML(o.Executable) + "</string><string>background</string></array>\n" +
		"\t<key>RunAtLoad</key><true/>\n\t<key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>\n\t<key>ProcessType</key><string>Background</string>\n"
	if o.Home != "" {
		text += "\t<key>EnvironmentVariables</key>\n\t<dict><key>PIE_HOME</key><string>" + inXML(o.Home) + "</string></dict>\n"
	}
	return text + "</dict>\n</plist>\n"
}

// task is a task of the Task Scheduler (schema 1.2), for the person alone. A home
// of its own is set by cmd, for a task has no environment.
func task(o Options) string {
	program, arguments := o.Executable, "background"
	if o.Home != "" {
		program, arguments = "cmd.exe", `/d /c "set "PIE_HOME=`+o.Home+`" && "`+o.Executable+`" background"`
	}
	return "<?xml version=\"1.0\"?>\n<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\n" +
		"  <RegistrationInfo><Description>PIE Desktop runs automations</Description></RegistrationInfo>\n" +
		"  <Triggers><LogonTrigger><Enabled>true</Enabled></LogonTrigger></Triggers>\n" +
		"  <Principals><Principal id=\"Author\"><LogonType>InteractiveToken</LogonType><RunLevel>LeastPrivilege</RunLevel></Principal></Principals>\n" +
		"  <Settings><MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy><DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>" +
		"<StopIfGoingOnBatteries>false</StopIfGoingOnBatteries><ExecutionTimeLimit>PT0S</ExecutionTimeLimit></Settings>\n" +
		"  <Actions Context=\"Author\"><Exec><Command>" + inXML(program) + "</Command><Arguments>" + inXML(arguments) + "</Arguments></Exec></Actions>\n</Task>\n"
}

func inXML(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}

// InstallService writes the file that starts the program at log-in. Faults:
// invalid, denied.
func (d *Desktop) InstallService(o Options) (Service, error) {
	o, err := d.completeService(o)
	if err != nil {
		return Service{}, err
	}
	for _, file := range d.serviceFiles(o) {
		if err := os.MkdirAll(filepath.Dir(file.Path), 0o700); err != nil {
			return Service{}, notWritten(err)
		}
		if err := paths.WriteFile(file.Path, []byte(file.Text)); err != nil {
			return Service{}, notWritten(err)
		}
	}
	if err := d.switchService(true); err != nil {
		return Service{}, err
	}
	return d.ServiceState(o)
}

func notWritten(err error) error {
	return fault.Wrap(err, fault.Denied, "What starts PIE Desktop at log-in cannot be written.", "Check who owns the folder.")
}

// UninstallService removes it; there need not be one.
func (d *Desktop) UninstallService() error {
	err := d.switchService(false)
	for _, file := range d.serviceFiles(Options{}) {
		if gone := os.Remove(file.Path); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, notWritten(gone))
		}
	}
	return err
}

// ServiceState tells whether the program starts at log-in.
func (d *Desktop) ServiceState(o Options) (Service, error) {
	o, err := d.completeService(o)
	if err != nil {
		return Service{}, err
	}
	files := d.serviceFiles(o)
	if len(files) == 0 {
		return Service{}, fault.New(fault.NotFound, "This session has no folder for programs that start at log-in.", "Set HOME.")
	}
	raw, err := os.ReadFile(files[0].Path)
	if err != nil {
		return Service{Path: files[0].Path}, nil //nolint:nilerr // not installed
	}
	return Service{Installed: true, Path: files[0].Path, Ours: string(raw) == files[0].Text, Hint: serviceHint(files[0].Path)}, nil
}

// completeService fills in the running program and refuses what no file can carry.
func (d *Desktop) completeService(o Options) (Options, error) {
	if o.Executable == "" {
		own, err := os.Executable()
		if err != nil {
			return o, fault.Wrap(err, fault.Internal, "The place of this program is not known.", "Start it by its whole path.")
		}
		o.Executable = own
		if image := d.get("APPIMAGE"); filepath.IsAbs(image) {
			o.Executable = image
		}
	}
	if err := checkText("the program", o.Executable); err != nil {
		return o, err
	}
	return o, checkText("the home", o.Home)
}
