package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"hallkiosk/app/central"
)

// staffUsage are the subcommands of staff. They are for the hall's own technicians,
// and speak Chinese.
const staffUsage = `Usage of staff（工作人员账号）:
  add      -hall 大厅.toml -login 登录名 -name 姓名 -roles 角色,… [-windows 窗口,…]
                                                   增加账号，口令另外输入
  list     -hall 大厅.toml                          列出所有账号
  disable  -hall 大厅.toml 登录名                   停用账号，已登录的马上退出
  enable   -hall 大厅.toml 登录名                   重新启用
  password -hall 大厅.toml 登录名                   重设口令，也解开输错太多的锁

角色：窗口人员 clerk、大厅管理员 manager、技术员 technician、投诉处理人 complaints。
不写 -windows 就是所有窗口。口令从键盘输入，直接按回车就自动生成一个；第一次登录时要换掉。

例：
  hallcentral staff add -hall 大厅.toml -login wang -name 王示例 -roles clerk -windows w1,w2
  hallcentral staff password -hall 大厅.toml wang
`

// runStaff manages the accounts of those who work in a hall.
func runStaff(ctx context.Context, args []string, std stdio) error {
	if len(args) == 0 {
		return usageError{errors.New("写明做什么：add、list、disable、enable 或 password")}
	}
	fs := flag.NewFlagSet("staff "+args[0], flag.ContinueOnError)
	var halls fileList
	fs.Var(&halls, "hall", "大厅`文件`")
	var where database
	where.flags(fs)
	var made central.NewStaff
	var roles, windows string
	switch args[0] {
	case "-h", "-help", "--help", "help":
		_, err := fmt.Fprint(std.out, staffUsage)
		return err
	case "add":
		fs.StringVar(&made.Login, "login", "", "`登录名`：2 到 32 个小写字母、数字、点或短横，以字母开头")
		fs.StringVar(&made.Name, "name", "", "`姓名`")
		fs.StringVar(&roles, "roles", "", "`角色`，用逗号分开")
		fs.StringVar(&windows, "windows", "", "可以办理的`窗口`，用逗号分开；不写就是所有窗口")
	case "list", "disable", "enable", "password":
	default:
		return usageError{fmt.Errorf("%q：应是 add、list、disable、enable 或 password", args[0])}
	}
	if ok, err := parseFlags(fs, args[1:], std); !ok {
		return err
	}
	if len(halls) != 1 {
		return usageError{errors.New("用 -hall 给出一个大厅文件")}
	}
	named := args[0] != "add" && args[0] != "list"
	if named && fs.NArg() != 1 || !named && fs.NArg() != 0 {
		return usageError{errors.New("登录名不对：disable、enable、password 后面写一个登录名")}
	}
	login := fs.Arg(0)
	if args[0] == "add" {
		if made.Login == "" || made.Name == "" || roles == "" {
			return usageError{errors.New("用 -login、-name、-roles 给出登录名、姓名和角色")}
		}
		var err error
		if made.Roles, err = roleWords(roles); err != nil {
			return usageError{err}
		}
		made.Windows, login = split(windows), made.Login
	}
	password, generated := "", false
	if args[0] == "add" || args[0] == "password" {
		var err error
		if password, generated, err = askPassword(std); err != nil {
			return err
		}
	}
	return operate(ctx, &where, halls, std, func(a central.Admin, c central.Config) error {
		id := c.Halls[0].ID
		said := ""
		switch args[0] {
		case "list":
			return listStaff(ctx, a, id, std.out)
		case "disable", "enable":
			if err := a.SetStaffDisabled(ctx, id, login, args[0] == "disable"); err != nil {
				return err
			}
			said = login + " 已启用。"
			if args[0] == "disable" {
				said = login + " 已停用。"
			}
		case "password":
			if err := a.SetStaffPassword(ctx, id, login, password); err != nil {
				return err
			}
			said = login + " 的口令已重设，下次登录时要换掉。"
		case "add":
			made.Password = password
			account, err := a.AddStaff(ctx, id, made)
			if err != nil {
				return err
			}
			said = fmt.Sprintf("已增加账号 %s（%s，编号 %s），第一次登录时要换口令。", account.Login, account.Name, account.ID)
		}
		fmt.Fprintln(std.err, said)
		if generated {
			fmt.Fprintln(std.err, "首次口令如下，不会再显示：")
			_, err := fmt.Fprintln(std.out, password)
			return err
		}
		return nil
	})
}

// askPassword asks for a first password. It is no argument: those are visible to
// everybody on the machine. What is typed is visible on the screen too, as with PINs;
// an empty line has one made.
func askPassword(std stdio) (password string, generated bool, err error) {
	fmt.Fprint(std.err, "首次口令（至少 8 位，有字母和数字；直接按回车自动生成）：")
	line, err := bufio.NewReader(std.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", false, err
	}
	fmt.Fprintln(std.err)
	if password = strings.TrimRight(line, "\r\n"); password == "" {
		return central.NewStaffPassword(), true, nil
	}
	return password, false, nil
}

// split divides at commas, Chinese ones too.
func split(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '，' || r == '、' || r == ' ' })
}

func roleWords(s string) ([]string, error) {
	var out []string
	for _, word := range split(s) {
		role, ok := central.StaffRole(word)
		if !ok {
			return nil, fmt.Errorf("%q 不是角色：应是 clerk、manager、technician 或 complaints", word)
		}
		out = append(out, role)
	}
	return out, nil
}

func listStaff(ctx context.Context, a central.Admin, hallID string, out io.Writer) error {
	list, err := a.Staff(ctx, hallID)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(out, "还没有账号。用 staff add 增加。")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "编号\t登录名\t姓名\t角色\t窗口\t状态")
	for _, s := range list {
		var roles []string
		for _, r := range s.Roles {
			roles = append(roles, central.StaffRoleName(r))
		}
		windows, state := strings.Join(s.Windows, "、"), "使用中"
		if windows == "" {
			windows = "所有"
		}
		switch {
		case !s.Disabled.IsZero():
			state = "已停用"
		case s.MustChange:
			state = "首次口令未换"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", s.ID, s.Login, s.Name, strings.Join(roles, "、"), windows, state)
	}
	return w.Flush()
}
