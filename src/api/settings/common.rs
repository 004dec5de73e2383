//! The variables that several services share: which deployment this is, and who may call.

use super::settings;

settings! {
    /// What every service reads.
    CommonSettings;
    includes {}
    required {
        /// The deployment's name, for log lines and metrics.
        deployment_name = "DEPLOYMENT_NAME",
        /// The stage, which API Gateway puts before every path.
        deployment_stage = "DEPLOYMENT_STAGE",
        /// The path of the deployment's SSM parameters, without a slash at the end.
        deployment_prefix = "DEPLOYMENT_PREFIX",
        /// The least level that is logged: `DEBUG`, `INFO`, `WARNING` or `ERROR`.
        log_level = "LOG_LEVEL"
    }
    optional {
        /// The origins that browsers may call from, separated by commas; none without.
        cors_origins = "CORS_ORIGINS",
        /// The file with the certificate authorities to trust beside the usual ones.
        ca_bundle = "SSL_CERT_FILE"
    }
}

settings! {
    /// What a service reads that must know its caller.
    AuthSettings;
    includes {}
    required {
        /// Whether callers must show who they are: `true` or `false`.
        use_auth = "USE_AUTH"
    }
    optional {
        /// The URL of the OpenID Connect issuer.
        authority = "AUTHORITY",
        /// The client id that tokens must be issued for.
        client_id = "CLIENT_ID",
        /// The group whose members are administrators.
        admin_group = "ADMIN_GROUP",
        /// The group whose members may use LISA; everybody may without.
        user_group = "USER_GROUP",
        /// The group whose members may make API tokens for themselves.
        api_group = "API_GROUP",
        /// The group whose members may administer RAG repositories.
        rag_admin_group = "RAG_ADMIN_GROUP",
        /// The path of the groups among a token's claims, parts separated by dots.
        groups_property = "JWT_GROUPS_PROP",
        /// The table of API tokens.
        token_table = "TOKEN_TABLE_NAME",
        /// The name of the secret that holds the management key.
        management_secret = "MANAGEMENT_KEY_NAME"
    }
}
