/* For tests only: lets WebKitWebDriver drive a program that was built as it is
   shipped. Without the driver, which sets WEBKIT_INSPECTOR_SERVER, nothing
   changes. */
#include <stdlib.h>
#include <webkit2/webkit2.h>

static GtkWidget *the_view;

static GtkWidget *give_view(WebKitAutomationSession *session, gpointer data) {
	(void)session;
	(void)data;
	return the_view;
}

static void begin(WebKitWebContext *context, WebKitAutomationSession *session, gpointer data) {
	WebKitApplicationInfo *info = webkit_application_info_new();
	(void)context;
	(void)data;
	webkit_application_info_set_name(info, "pie");
	webkit_application_info_set_version(info, 1, 0, 0);
	webkit_automation_session_set_application_info(session, info);
	webkit_application_info_unref(info);
	g_signal_connect(session, "create-web-view", G_CALLBACK(give_view), NULL);
}

GtkWidget *webkit_web_view_new_with_user_content_manager(WebKitUserContentManager *manager) {
	gboolean driven = getenv("WEBKIT_INSPECTOR_SERVER") != NULL;
	if (driven) {
		WebKitWebContext *context = webkit_web_context_get_default();
		webkit_web_context_set_automation_allowed(context, TRUE);
		g_signal_connect(context, "automation-started", G_CALLBACK(begin), NULL);
	}
	the_view = GTK_WIDGET(g_object_new(WEBKIT_TYPE_WEB_VIEW, "user-content-manager", manager,
		"is-controlled-by-automation", driven, NULL));
	return the_view;
}
