//! What `lisa-chat`, the back end of the chat page, reads.

use super::settings;
use super::{AuthSettings, CommonSettings};

settings! {
    /// What `lisa-chat` reads.
    ChatSettings;
    includes { common: CommonSettings, auth: AuthSettings }
    required {
        /// The table of sessions.
        session_table = "SESSIONS_TABLE_NAME",
        /// The table of configuration versions.
        config_table = "CONFIG_TABLE_NAME"
    }
    optional {
        /// The key that encrypts sessions.
        session_key_arn = "SESSION_ENCRYPTION_KEY_ARN",
        /// The bucket of generated images and videos.
        image_bucket = "GENERATED_IMAGES_S3_BUCKET_NAME",
        /// The table of models, to show a session's model as it is now.
        model_table = "MODEL_TABLE_NAME",
        /// The table of prompt templates.
        prompt_template_table = "PROMPT_TEMPLATES_TABLE_NAME",
        /// The table of users' preferences.
        preference_table = "USER_PREFERENCES_TABLE_NAME",
        /// The table of projects, which group sessions.
        project_table = "PROJECTS_TABLE_NAME",
        /// The table of MCP servers.
        mcp_server_table = "MCP_SERVERS_TABLE_NAME",
        /// The table of chat assistants.
        assistant_table = "CHAT_ASSISTANT_STACKS_TABLE_NAME"
    }
}
