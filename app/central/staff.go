package central

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"hallkiosk/app/central/internal/staff"
)

// Staff is an account of somebody who works in a hall.
type Staff struct {
	ID    string `json:"id"` // s1, s2 …; what the ledger names
	Login string `json:"login"`
	Name  string `json:"name"`
	// Roles are clerk, manager, technician, complaints.
	Roles []string `json:"roles"`
	// Windows the account may sit at; empty = every window.
	Windows []string `json:"windows,omitempty"`
	// MustChange: the account has not chosen a password of its own yet.
	MustChange bool      `json:"must_change,omitempty"`
	Created    time.Time `json:"created"`
	Disabled   time.Time `json:"disabled,omitzero"` // zero = not
}

// NewStaff describes an account to be made.
type NewStaff struct {
	// Login is what is typed at the log-in: 2 to 32 small letters, digits, dots,
	// dashes, beginning with a letter; unique in the hall.
	Login string `json:"login"`
	Name  string `json:"name"` // 1 to 30 characters
	// Roles are clerk, manager, technician, complaints, or their Chinese names.
	Roles []string `json:"roles"`
	// Windows are Window.IDs; empty = every window.
	Windows []string `json:"windows,omitempty"`
	// Password is the first one: 8 characters or more with letters and digits,
	// without the login; see [NewStaffPassword].
	Password string `json:"password"`
	// Keep lets the account keep the password; otherwise the first log-in asks for
	// another one.
	Keep bool `json:"keep,omitempty"`
}

// NewStaffPassword makes a first password that is easy to copy.
func NewStaffPassword() string { return staff.NewPassword() }

// StaffRole returns the word of a role from it or its Chinese name.
func StaffRole(s string) (role string, ok bool) {
	r, ok := staff.RoleOf(s)
	return string(r), ok
}

// StaffRoleName is the Chinese name of a role.
func StaffRoleName(role string) string { return staff.Role(role).Name() }

func staffOf(a staff.Account) Staff {
	out := Staff{ID: a.ID, Login: a.Login, Name: a.Name, Windows: a.Windows, MustChange: a.MustChange, Created: a.Created, Disabled: a.Disabled}
	for _, r := range a.Roles {
		out.Roles = append(out.Roles, string(r))
	}
	return out
}

// AddStaff makes an account.
func (s *Service) AddStaff(ctx context.Context, hallID string, n NewStaff) (Staff, error) {
	made := staff.NewAccount{Login: n.Login, Name: n.Name, Windows: n.Windows, Password: n.Password, Keep: n.Keep}
	for _, r := range n.Roles {
		role, ok := staff.RoleOf(r)
		if !ok {
			role = staff.Role(r) // Add says what is wrong
		}
		made.Roles = append(made.Roles, role)
	}
	a, err := s.staff.Add(ctx, hallID, made)
	if err != nil {
		return Staff{}, fmt.Errorf("central: add staff: %w", err)
	}
	return staffOf(a), nil
}

// Staff returns the hall's accounts, disabled ones too, in the order in which they
// were made.
func (s *Service) Staff(ctx context.Context, hallID string) ([]Staff, error) {
	list, err := s.staff.List(ctx, hallID)
	if err != nil {
		return nil, fmt.Errorf("central: staff: %w", err)
	}
	out := make([]Staff, len(list))
	for i, a := range list {
		out[i] = staffOf(a)
	}
	return out, nil
}

// SetStaffPassword gives an account a first password again and ends its sessions; a
// lock after wrong tries is over. The next log-in asks for another password.
func (s *Service) SetStaffPassword(ctx context.Context, hallID, login, password string) error {
	if err := s.staff.SetPassword(ctx, hallID, login, password); err != nil {
		return fmt.Errorf("central: staff password: %w", err)
	}
	return nil
}

// SetStaffDisabled closes an account, which ends its sessions at once, or opens it
// again.
func (s *Service) SetStaffDisabled(ctx context.Context, hallID, login string, disabled bool) error {
	if err := s.staff.SetDisabled(ctx, hallID, login, disabled); err != nil {
		return fmt.Errorf("central: disable staff: %w", err)
	}
	return nil
}

// serveStaff adds what concerns accounts to what operators are served.
func (s *Service) serveStaff(mux *http.ServeMux) {
	mux.HandleFunc("POST /staff-add", adminCall(s.config, func(ctx context.Context, r adminRequest) (out adminAnswer, err error) {
		if r.NewStaff == nil {
			return out, errors.New("no account given")
		}
		a, err := s.AddStaff(ctx, r.Hall, *r.NewStaff)
		out.Staff = []Staff{a}
		return out, err
	}))
	mux.HandleFunc("POST /staff", adminCall(s.config, func(ctx context.Context, r adminRequest) (out adminAnswer, err error) {
		out.Staff, err = s.Staff(ctx, r.Hall)
		return out, err
	}))
	mux.HandleFunc("POST /staff-password", adminCall(s.config, func(ctx context.Context, r adminRequest) (out adminAnswer, err error) {
		return out, s.SetStaffPassword(ctx, r.Hall, r.Login, r.Password)
	}))
	mux.HandleFunc("POST /staff-disable", adminCall(s.config, func(ctx context.Context, r adminRequest) (out adminAnswer, err error) {
		return out, s.SetStaffDisabled(ctx, r.Hall, r.Login, r.Disabled)
	}))
}

// AddStaff has the service make an account; see [Service.AddStaff].
func (r *Remote) AddStaff(ctx context.Context, hallID string, n NewStaff) (Staff, error) {
	out, err := r.call(ctx, "staff-add", adminRequest{Hall: hallID, NewStaff: &n})
	if err != nil {
		return Staff{}, err
	}
	if len(out.Staff) != 1 {
		return Staff{}, errors.New("central: add staff by the service that runs: no account answered")
	}
	return out.Staff[0], nil
}

// Staff asks the service for the accounts; see [Service.Staff].
func (r *Remote) Staff(ctx context.Context, hallID string) ([]Staff, error) {
	out, err := r.call(ctx, "staff", adminRequest{Hall: hallID})
	return out.Staff, err
}

// SetStaffPassword has the service set it; see [Service.SetStaffPassword].
func (r *Remote) SetStaffPassword(ctx context.Context, hallID, login, password string) error {
	_, err := r.call(ctx, "staff-password", adminRequest{Hall: hallID, Login: login, Password: password})
	return err
}

// SetStaffDisabled has the service do it; see [Service.SetStaffDisabled].
func (r *Remote) SetStaffDisabled(ctx context.Context, hallID, login string, disabled bool) error {
	_, err := r.call(ctx, "staff-disable", adminRequest{Hall: hallID, Login: login, Disabled: disabled})
	return err
}
