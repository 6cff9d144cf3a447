package staff

import "slices"

// Role is what an account may do. The words are in the database and never change.
type Role string

// The roles.
const (
	Clerk      Role = "clerk"      // 窗口人员: works at a window
	Manager    Role = "manager"    // 大厅管理员: sees the hall's day, ratings, reports
	Technician Role = "technician" // 技术员: terminals and their devices
	Complaints Role = "complaints" // 投诉处理人: the only one who opens complaints
)

var roleNames = map[Role]string{Clerk: "窗口人员", Manager: "大厅管理员", Technician: "技术员", Complaints: "投诉处理人"}

// Roles returns all roles.
func Roles() []Role { return []Role{Clerk, Manager, Technician, Complaints} }

// Name is the Chinese name, empty for an unknown role.
func (r Role) Name() string { return roleNames[r] }

// RoleOf returns the role of a word or a Chinese name.
func RoleOf(s string) (Role, bool) {
	for _, r := range Roles() {
		if s == string(r) || s == r.Name() {
			return r, true
		}
	}
	return "", false
}

// Has reports whether the account has one of these roles.
func (a Account) Has(roles ...Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(a.Roles, r) })
}

// MayServe reports whether the account may sit at a window.
func (a Account) MayServe(window string) bool {
	return a.Has(Clerk) && (len(a.Windows) == 0 || slices.Contains(a.Windows, window))
}
